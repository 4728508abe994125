const isSpace = (char: string): boolean => /\s/.test(char)

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
