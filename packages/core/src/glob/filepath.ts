import { invalid } from '../errors.ts'
import { notSlash, type Token } from './glob.ts'

const badPattern = (): never => {
  throw invalid('syntax error in pattern')
}

const readClassChar = (chars: readonly string[], at: number): { readonly char: string; readonly next: number } => {
  const char = chars[at]
  if (char === undefined || char === '-' || char === ']') return badPattern()
  if (char !== '\\') return { char, next: at + 1 }
  const escaped = chars[at + 1]
  return escaped === undefined ? badPattern() : { char: escaped, next: at + 2 }
}

const codeOf = (char: string): number => char.codePointAt(0) ?? 0

interface CharClass {
  readonly token: Token
  /** The place after it. */
  readonly next: number
  /** It holds a range like `z-a`, in which nothing is. */
  readonly isReversed: boolean
}

/** `[a-z]`, `[^x]` as Go's filepath.Match has them; `at` is the place after the bracket. */
export const readClass = (chars: readonly string[], at: number): CharClass => {
  const negated = chars[at] === '^'
  const ranges: [number, number][] = []
  let next = negated ? at + 1 : at
  while (ranges.length === 0 || chars[next] !== ']') {
    const low = readClassChar(chars, next)
    const isRange = chars[low.next] === '-'
    const high = isRange ? readClassChar(chars, low.next + 1) : low
    ranges.push([codeOf(low.char), codeOf(high.char)])
    next = high.next
  }
  const accepts = (char: string): boolean =>
    notSlash(char) && ranges.some(([low, high]) => codeOf(char) >= low && codeOf(char) <= high) !== negated
  const isReversed = ranges.some(([low, high]) => low > high)
  return { token: { kind: 'one', accepts }, next: next + 1, isReversed }
}

/** Go's filepath.Match: `*`, `?`, `[…]` and `\`; none of them crosses a slash. Throws invalid. */
export const parseFilepathPattern = (pattern: string): readonly Token[] => {
  const chars = [...pattern]
  const tokens: Token[] = []
  let at = 0
  while (at < chars.length) {
    const char = chars[at] ?? ''
    at += 1
    if (char === '*') tokens.push({ kind: 'run', accepts: notSlash })
    else if (char === '?') tokens.push({ kind: 'one', accepts: notSlash })
    else if (char === '[') {
      const { token, next } = readClass(chars, at)
      tokens.push(token)
      at = next
    } else if (char === '\\') {
      tokens.push({ kind: 'char', char: chars[at] ?? badPattern() })
      at += 1
    } else tokens.push({ kind: 'char', char })
  }
  return tokens
}

/** True when filepath.Match would see more in it than letters. */
export const hasWildcards = (pattern: string): boolean => /[*?[]/.test(pattern)
