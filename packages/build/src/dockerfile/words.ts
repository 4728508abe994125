// What Go's unicode.IsSpace takes: with U+0085, and without the byte order mark.
const space = '\\t\\n\\v\\f\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000'
const oneSpace = new RegExp(`^[${space}]$`)
const leading = new RegExp(`^[${space}]+`)

export const isSpace = (char: string): boolean => oneSpace.test(char)

/** Without the white space at its beginning. */
export const trimLeft = (text: string): string => text.replace(leading, '')

/** Without the white space around it. */
export const trimSpace = (text: string): string => {
  let end = text.length
  while (end > 0 && isSpace(text[end - 1] ?? '')) end -= 1
  return trimLeft(text.slice(0, end))
}

/**
 * Splits `a="b c" d` into its words, with the quotes and escapes still in them (ENV, LABEL and ARG; expansion takes them
 * away later). An escape outside of single quotes takes the next character along.
 */
export const splitWords = (text: string, escapeChar: string): readonly string[] => {
  const chars = [...text]
  const words: string[] = []
  let word = ''
  let started = false
  let quote = ''
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (quote === '' && isSpace(char)) {
      if (started) words.push(word)
      word = ''
      started = false
      continue
    }
    if (char === escapeChar && quote !== "'") {
      // An escape at the very end is skipped; it doesn't begin a word either.
      if (at + 1 === chars.length) break
      at += 1
      word += char + chars[at]
      started = true
      continue
    }
    if (quote === '' && (char === '"' || char === "'")) quote = char
    else if (char === quote) quote = ''
    word += char
    started = true
  }
  if (started) words.push(word)
  return words
}

/** The words of FROM, COPY, EXPOSE, …: white space separates, and nothing protects it. */
export const splitFields = (text: string): readonly string[] => text.split(/[\t\v\f\r ]+/).filter((word) => word !== '')
