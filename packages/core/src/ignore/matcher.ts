import { posix } from 'node:path'
import { invalid } from '../errors.ts'
import { parseFilepathPattern, readClass } from '../glob/filepath.ts'
import { anything, matchesWhole, notSlash, type Token } from '../glob/glob.ts'
import { mayMatchBelow } from './below.ts'

/**
 * What was found out about a path, kept for the paths below it: a pattern that takes a directory takes all it holds.
 */
export interface PathMatch {
  /** The path is ignored. */
  readonly ignored: boolean
  /** Which patterns took the path or something above it. */
  readonly byPattern: readonly boolean[]
}

export interface IgnoreMatcher {
  /** `parent`: what this returned for the directory that holds the path. */
  match(path: string, parent?: PathMatch): PathMatch
  /** A `!` pattern is there: an ignored directory can hold what isn't. */
  readonly hasExceptions: boolean
  /** Whether this directory, when it is ignored, can: only then it has to be walked. */
  mayHoldOthers(directory: string): boolean
  /** Nothing is ignored. */
  readonly isEmpty: boolean
}

interface Pattern {
  /** Cleaned, without the `!`. */
  readonly text: string
  readonly exception: boolean
  readonly matches: (path: string) => boolean
}

/** Go's filepath.Clean. */
export const cleanPath = (path: string): string => {
  const normal = posix.normalize(path)
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal
}

/** Several of these in a row mean what one means. */
const isSame = (token: Token, before: Token | undefined): boolean =>
  (token.kind === 'directories' && before?.kind === 'directories') ||
  (token.kind === 'run' && before?.kind === 'run' && token.accepts === before.accepts)

/** `*`, `**`, `?`, `[…]` and `\` of moby's patternmatcher: `**` crosses slashes, and `**` + slash can be nothing. */
const tokenize = (pattern: string): readonly Token[] => {
  const chars = [...pattern]
  const tokens: Token[] = []
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] ?? ''
    if (char === '*' && chars[at + 1] === '*') {
      at += chars[at + 2] === '/' ? 2 : 1
      tokens.push(at + 1 >= chars.length ? { kind: 'run', accepts: anything } : { kind: 'directories' })
    } else if (char === '*') tokens.push({ kind: 'run', accepts: notSlash })
    else if (char === '?') tokens.push({ kind: 'one', accepts: notSlash })
    else if (char === '[') {
      const { token, next, isReversed } = readClass(chars, at + 1)
      // For moby it becomes a regular expression, which knows no such thing.
      if (isReversed) throw invalid('syntax error in pattern')
      tokens.push(token)
      at = next - 1
    } else if (char === '\\' && at + 1 < chars.length) {
      at += 1
      tokens.push({ kind: 'char', char: chars[at] ?? '' })
    } else tokens.push({ kind: 'char', char })
  }
  return tokens.filter((token, at) => !isSame(token, tokens[at - 1]))
}

const isPlain = (text: string): boolean => !/[*?[\]\\]/.test(text)

/** Names, `name/**` and `**name` need no engine; they are most of what .dockerignore files hold. */
const compile = (pattern: string): ((path: string) => boolean) => {
  if (isPlain(pattern)) return (path) => path === pattern
  if (pattern.startsWith('**') && isPlain(pattern.slice(2))) {
    const suffix = pattern.slice(2)
    return (path) => path.endsWith(suffix) || (suffix.startsWith('/') && path === suffix.slice(1))
  }
  if (pattern.endsWith('**') && isPlain(pattern.slice(0, -2))) {
    const prefix = pattern.slice(0, -2)
    return (path) => path.startsWith(prefix)
  }
  const tokens = tokenize(pattern)
  return (path) => matchesWhole(tokens, path)
}

const parsePattern = (text: string): Pattern => {
  const cleaned = cleanPath(text)
  const exception = cleaned.startsWith('!')
  if (cleaned === '!') throw invalid('illegal exclusion pattern: "!"')
  const pattern = exception ? cleaned.slice(1) : cleaned
  parseFilepathPattern(pattern)
  return { text: pattern, exception, matches: whenAsked(pattern) }
}

/** Compiled when it is asked first: what is wrong with one that nobody asks is never told. */
const whenAsked = (pattern: string): Pattern['matches'] => {
  let matches: Pattern['matches'] | undefined
  return (path) => {
    matches ??= compile(pattern)
    return matches(path)
  }
}

/**
 * Reads patterns as moby's patternmatcher does: the last one that takes a path, or something above it, decides. Throws invalid.
 */
export const ignoreMatcher = (lines: readonly string[]): IgnoreMatcher => {
  const patterns = lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map(parsePattern)
  const match = (path: string, parent?: PathMatch): PathMatch => {
    let ignored = false
    // One that would change nothing isn't asked, and isn't known to have taken the directory when it comes to what that holds.
    const byPattern = patterns.map((pattern, index) => {
      const taken = parent?.byPattern[index] === true || (pattern.exception === ignored && pattern.matches(path))
      if (taken) ignored = !pattern.exception
      return taken
    })
    return { ignored, byPattern }
  }
  const exceptions = patterns.filter(({ exception }) => exception)
  return {
    match,
    hasExceptions: exceptions.length > 0,
    mayHoldOthers: (directory) => exceptions.some(({ text }) => mayMatchBelow(text, directory)),
    isEmpty: patterns.length === 0,
  }
}

/** The answer for one path alone, whose parents weren't looked at before. */
export const isIgnored = (matcher: IgnoreMatcher, path: string): boolean => {
  const parts = path.split('/')
  let state: PathMatch | undefined
  for (let length = 1; length <= parts.length; length++) state = matcher.match(parts.slice(0, length).join('/'), state)
  return state?.ignored ?? false
}
