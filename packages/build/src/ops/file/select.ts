import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { SlipwayError } from '@slipway/core'
import { matchesWhole } from '../../dockerfile/glob.ts'
import { hasWildcards, parseFilepathPattern } from '../../dockerfile/glob-class.ts'
import { type IgnoreMatcher, ignoreMatcher, isIgnored } from '../../dockerfile/ignore/matcher.ts'
import { resolveInRoot } from './resolve.ts'

/** Where files are taken from. */
export interface Tree {
  readonly root: string
  readonly ignore: IgnoreMatcher
  /** How a missing file is told: the context has a .dockerignore that may have hidden it. */
  readonly isContext: boolean
}

/** One thing that a source means. */
export interface Match {
  /** The last part of its path as it was asked for: the name it gets in a directory. */
  readonly name: string
  /** Below the tree's root, without a leading slash, as it was asked for; empty: the root itself. */
  readonly relative: string
  /** On the host, with the symlinks on the way and at the end followed. */
  readonly path: string
  readonly stat: BigIntStats
}

export const openTree = (root: string, ignore: readonly string[], isContext: boolean): Tree => ({
  root,
  ignore: ignoreMatcher(ignore),
  isContext,
})

export const statOf = (path: string): BigIntStats | undefined => {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false })
  } catch {
    // ENOTDIR: something on the way is no directory.
    return undefined
  }
}

const missing = ({ isContext }: Tree, path: string): never => {
  const place = isContext ? 'file not found in build context or excluded by .dockerignore: ' : ''
  throw new SlipwayError('invalid', `COPY failed: ${place}stat ${path}: file does not exist`, { detail: { path } })
}

/** What lies at `relative`, unless .dockerignore has it. An ignored directory counts while something in it may not be. */
const look = (tree: Tree, relative: string): Match | undefined => {
  const path = resolveInRoot(tree.root, relative, { followLast: true })
  const stat = statOf(path)
  if (stat === undefined) return undefined
  const hidden = relative !== '' && isIgnored(tree.ignore, relative)
  if (hidden && !(stat.isDirectory() && tree.ignore.hasExceptions)) return undefined
  return { name: posix.basename(relative), relative, path, stat }
}

const namesIn = (path: string): readonly string[] => {
  const stat = statOf(path)
  return stat?.isDirectory() ? readdirSync(path).sort() : []
}

/** Every path that a pattern takes, part by part: a wildcard never crosses a slash. */
const expandPattern = (tree: Tree, pattern: string): readonly string[] =>
  pattern.split('/').reduce<readonly string[]>(
    (found, part) => {
      const below = (base: string, name: string): string => (base === '' ? name : `${base}/${name}`)
      if (!hasWildcards(part)) return found.map((base) => below(base, part))
      const tokens = parseFilepathPattern(part)
      return found.flatMap((base) =>
        namesIn(resolveInRoot(tree.root, base, { followLast: true }))
          .filter((name) => matchesWhole(tokens, name))
          .map((name) => below(base, name)),
      )
    },
    [''],
  )

/**
 * What COPY's sources mean. `..` can't leave the root. A wildcard may take nothing; a name that isn't there is an error in
 * docker's words.
 */
export const selectSources = (tree: Tree, paths: readonly string[]): readonly Match[] =>
  paths.flatMap((typed) => {
    const relative = posix.resolve('/', typed).slice(1)
    if (!hasWildcards(relative)) return [look(tree, relative) ?? missing(tree, typed)]
    return expandPattern(tree, relative)
      .map((path) => look(tree, path))
      .filter((match) => match !== undefined)
  })
