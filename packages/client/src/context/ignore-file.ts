import { invalid } from '@slipway/core'
import { type IgnorePattern, readPattern } from './pattern.ts'

/** The patterns of a .dockerignore, in order. Throws invalid. */
export const parseIgnoreFile = (text: string): readonly IgnorePattern[] =>
  text
    .replace(/^\ufeff/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      if (line === '!') throw invalid('illegal exclusion pattern: "!"')
      return readPattern(line)
    })

/** The path and the directories above it, the nearest first. */
const upwards = (path: string): readonly string[] => {
  const parts = path.split('/')
  return parts.map((_, index) => parts.slice(0, parts.length - index).join('/'))
}

/** True when `path` is left out: the last pattern that matches it, or a directory above it, decides. */
export const isIgnored = (patterns: readonly IgnorePattern[], path: string): boolean => {
  const lineage = upwards(path)
  let ignored = false
  for (const pattern of patterns) {
    // Only a pattern that would change the verdict has to be tried.
    if (pattern.includes === ignored && lineage.some(pattern.matches)) ignored = !pattern.includes
  }
  return ignored
}

const couldMatchBelow = (pattern: string, directory: string): boolean => {
  const wanted = pattern.split('/')
  const there = directory.split('/')
  for (const [index, name] of there.entries()) {
    const part = wanted[index]
    if (part === undefined) return true
    if (part === '**') return true
    if (!/[*?[\\]/.test(part) && part !== name) return false
  }
  return true
}

/** True when something below an ignored directory may be taken back by a `!` pattern: only then it must be walked. */
export const mayIncludeBelow = (patterns: readonly IgnorePattern[], directory: string): boolean =>
  patterns.some((pattern) => pattern.includes && couldMatchBelow(pattern.text, directory))
