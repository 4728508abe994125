import { posix } from 'node:path'
import { invalid } from '@slipway/core'

/** One line of a .dockerignore, made ready. */
export interface IgnorePattern {
  /** Cleaned, without the `!`. */
  readonly text: string
  /** Began with `!`: takes back what was ignored. */
  readonly includes: boolean
  readonly matches: (path: string) => boolean
}

const special = new Set('.+()|{}$^')

/** The end of the class that begins at `from`, as a regular expression. */
const readClass = (pattern: string, from: number): { readonly source: string; readonly next: number } => {
  const end = pattern.indexOf(']', pattern[from + 1] === '^' ? from + 3 : from + 2)
  if (end === -1) throw invalid(`syntax error in pattern: ${pattern}`)
  const inner = pattern.slice(from + 1, end).replace(/[[&]/g, '\\$&')
  return { source: `[${inner}]`, next: end + 1 }
}

/** `**` spans directories, and none: `**` + `/x` is also `x`. */
const readStars = (pattern: string, from: number): { readonly source: string; readonly next: number } => {
  if (pattern[from + 1] !== '*') return { source: '[^/]*', next: from + 1 }
  const slash = pattern[from + 2] === '/'
  const next = from + (slash ? 3 : 2)
  return { source: next >= pattern.length ? '.*' : '(?:.*/)?', next }
}

const readOne = (pattern: string, at: number): { readonly source: string; readonly next: number } => {
  const char = pattern[at] ?? ''
  if (char === '*') return readStars(pattern, at)
  if (char === '?') return { source: '[^/]', next: at + 1 }
  if (char === '[') return readClass(pattern, at)
  if (char === '\\') {
    const escaped = pattern[at + 1]
    if (escaped === undefined) throw invalid(`syntax error in pattern: ${pattern}`)
    return { source: escaped.replace(/[^\w\s]/, '\\$&'), next: at + 2 }
  }
  return { source: special.has(char) ? `\\${char}` : char.replace(/[\]/-]/, '\\$&'), next: at + 1 }
}

const toExpression = (pattern: string): RegExp => {
  let source = ''
  for (let at = 0; at < pattern.length; ) {
    const read = readOne(pattern, at)
    source += read.source
    at = read.next
  }
  try {
    return new RegExp(`^${source}$`, 's')
  } catch (cause) {
    throw invalid(`syntax error in pattern: ${pattern}`, cause)
  }
}

/**
 * Reads a pattern of a .dockerignore: not gitignore's. It is anchored at the root of the context, a slash at the end
 * means nothing, `*` stays within a name and `**` doesn't. Throws invalid.
 */
export const readPattern = (line: string): IgnorePattern => {
  const includes = line.startsWith('!')
  const cleaned = posix.normalize(includes ? line.slice(1).trim() : line)
  const text = cleaned.replace(/^\//, '').replace(/(?<=.)\/$/, '')
  const expression = toExpression(text)
  return { text, includes, matches: (path) => expression.test(path) }
}
