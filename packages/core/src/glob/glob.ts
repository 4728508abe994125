/**
 * Wildcard patterns, matched in time proportional to pattern × text: patterns come from outside, and a backtracking
 * regular expression would let `*a*a*a*a*b` hold the daemon up. One engine serves three dialects: .dockerignore, COPY's
 * sources (Go's filepath.Match) and `${name#pattern}`.
 */
export type Token =
  | { readonly kind: 'char'; readonly char: string }
  /** Any one character that `accepts`. */
  | { readonly kind: 'one'; readonly accepts: (char: string) => boolean }
  /** Any run of characters, also an empty one, all of which `accepts`. */
  | { readonly kind: 'run'; readonly accepts: (char: string) => boolean }
  /** Nothing, or anything that ends in a slash: the `**` + slash of .dockerignore. */
  | { readonly kind: 'directories' }

export const anything = (): boolean => true
export const notSlash = (char: string): boolean => char !== '/'

/** The ways on from a token without reading a character. */
const close = (tokens: readonly Token[], states: Set<number>): Set<number> => {
  for (const state of states) {
    const kind = tokens[state]?.kind
    if (kind === 'run' || kind === 'directories') states.add(state + 1)
  }
  return states
}

// A `directories` token is two states: `state` has read nothing or a slash last; `-state - 1` is in the middle of a name.
const step = (tokens: readonly Token[], states: ReadonlySet<number>, char: string): Set<number> => {
  const next = new Set<number>()
  for (const state of states) {
    const token = tokens[state < 0 ? -state - 1 : state]
    if (token === undefined) continue
    if (token.kind === 'directories') {
      const at = state < 0 ? -state - 1 : state
      next.add(-at - 1)
      if (char === '/') next.add(at + 1)
    } else if (token.kind === 'run') {
      if (token.accepts(char)) next.add(state)
    } else if (token.kind === 'char' ? token.char === char : token.accepts(char)) {
      next.add(state + 1)
    }
  }
  return close(tokens, next)
}

export interface PrefixMatch {
  readonly shortest: number
  readonly longest: number
}

/**
 * How much of `text`, from `start` on, the pattern can take: UTF-16 units, at least and at most; undefined: no match.
 * `onWork` is told what each character takes, and may throw when it is too much.
 */
export const matchPrefix = (
  tokens: readonly Token[],
  text: string,
  start = 0,
  onWork?: (places: number) => void,
): PrefixMatch | undefined => {
  let states = close(tokens, new Set([0]))
  let shortest = states.has(tokens.length) ? 0 : -1
  let longest = shortest
  let position = start
  while (position < text.length && states.size > 0) {
    const char = String.fromCodePoint(text.codePointAt(position) ?? 0)
    onWork?.(states.size)
    states = step(tokens, states, char)
    position += char.length
    if (!states.has(tokens.length)) continue
    longest = position - start
    if (shortest === -1) shortest = longest
  }
  return longest === -1 ? undefined : { shortest, longest }
}

/** True when the pattern takes the whole of `text`. */
export const matchesWhole = (tokens: readonly Token[], text: string): boolean => {
  let states = close(tokens, new Set([0]))
  for (const char of text) {
    if (states.size === 0) return false
    states = step(tokens, states, char)
  }
  return states.has(tokens.length)
}
