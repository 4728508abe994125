const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
const hex = (code: number, digits: number): string => code.toString(16).padStart(digits, '0')

const quoteChar = (char: string, quote: string): string => {
  if (char === quote) return `\\${char}`
  const code = char.codePointAt(0) ?? 0
  if (named[char] !== undefined) return named[char]
  if (printable.test(char)) return char
  if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
  return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
}

/** Go's `%q` of a text. */
export const quoteText = (text: string): string => `"${[...text].map((char) => quoteChar(char, '"')).join('')}"`

/** Go's `%q` of a list: `["nginx" "-g" "daemon off;"]`. */
export const quoteList = (words: readonly string[]): string => `[${words.map(quoteText).join(' ')}]`

const lastCode = 0x10ffff
const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff

/** Go's `%q` of a number, which it takes for a letter. */
export const quoteCode = (code: number): string =>
  `'${quoteChar(String.fromCodePoint(code > lastCode || isSurrogate(code) ? 0xfffd : code), "'")}'`
