import { posix } from 'node:path'
import {
  hasWildcards,
  type IgnoreMatcher,
  ignoreMatcher,
  isIgnored,
  matchesWhole,
  parseFilepathPattern,
  SlipwayError,
} from '@slipway/core'
import { openDirectory } from './tree/disk.ts'
import { findNode, locate, type Node } from './tree/node.ts'
import { openReceived } from './tree/received.ts'
import { openTar } from './tree/tar.ts'

/** What holds files: a directory, a tar without compression that is never unpacked, or the index of a received tree. */
export interface FileSource {
  readonly kind: 'directory' | 'tar' | 'received'
  /** On the host. */
  readonly path: string
}

/** Where files are taken from, in words that can be sent to a thread. */
export interface TreeRequest {
  readonly source: FileSource
  readonly ignore: readonly string[]
  /** How a missing file is told: the context has a .dockerignore that may have hidden it. */
  readonly isContext: boolean
}

/** The same, open. */
export interface Tree {
  readonly top: Node
  readonly ignore: IgnoreMatcher
  readonly isContext: boolean
}

/** One thing that a source means. */
export interface Match {
  /** The last part of its path as it was asked for: the name it gets in a directory. */
  readonly name: string
  /** Below the tree's root, without a leading slash, as it was asked for; empty: the root itself. */
  readonly relative: string
  /** Where it really lies, which is what .dockerignore is about. */
  readonly path: string
  /** The part of it that `--parents` makes at the destination: all, or what follows `/./`. */
  readonly kept: string
  /** With the symlinks on the way and at the end followed. */
  readonly node: Node
}

const openers: Readonly<Record<FileSource['kind'], (source: FileSource, onEntry: () => void) => Node>> = {
  directory: openDirectory,
  tar: openTar,
  received: openReceived,
}

/** `onEntry` is called now and then, and may throw to stop. */
export const openTree = ({ source, ignore, isContext }: TreeRequest, onEntry: () => void): Tree => ({
  top: openers[source.kind](source, onEntry),
  ignore: ignoreMatcher(ignore),
  isContext,
})

const missing = ({ isContext }: Tree, path: string): never => {
  const place = isContext ? 'file not found in build context or excluded by .dockerignore: ' : ''
  throw new SlipwayError('invalid', `COPY failed: ${place}stat ${path}: file does not exist`, { detail: { path } })
}

/** What lies at `relative`, unless .dockerignore has it. An ignored directory counts while something in it may not be. */
const look = (tree: Tree, relative: string): Match | undefined => {
  const { node, path } = locate(tree.top, relative, { followLast: true }) ?? {}
  if (node === undefined || path === undefined || node.kind === 'symlink') return undefined
  const hidden = path !== '' && isIgnored(tree.ignore, path)
  if (hidden && !(node.kind === 'directory' && tree.ignore.hasExceptions)) return undefined
  return { name: posix.basename(relative), relative, path, kept: relative, node }
}

/** A symlink without anything at its end is no match for a wildcard, and isn't passed over either: BuildKit misses the file. */
const leadsNowhere = (tree: Tree, relative: string): boolean =>
  findNode(tree.top, relative)?.kind === 'symlink' && !isIgnored(tree.ignore, relative)

const namesIn = (tree: Tree, path: string, followLast: boolean): readonly string[] => {
  const node = findNode(tree.top, path, { followLast })
  return node?.kind === 'directory' ? node.names() : []
}

/** A directory and all directories below it; symlinks are not followed. */
const directoriesFrom = (tree: Tree, base: string): readonly string[] => {
  const node = findNode(tree.top, base)
  if (node?.kind !== 'directory') return []
  const below = node.names().filter((name) => node.child(name)?.kind === 'directory')
  return [base, ...below.flatMap((name) => directoriesFrom(tree, joinPath(base, name)))]
}

const joinPath = (base: string, name: string): string => (base === '' ? name : `${base}/${name}`)

/** Every path that a pattern takes, part by part: a wildcard never crosses a slash, but for `**` where that counts. */
const expandPattern = (tree: Tree, pattern: string, deep: boolean): readonly string[] => {
  const parts = pattern.split('/')
  const firstWild = parts.findIndex(hasWildcards)
  return parts.reduce<readonly string[]>(
    (all, part, index) => {
      // What a wildcard took is gone into only where it is a directory itself, and no symlink to one.
      const isBehind = firstWild !== -1 && index > firstWild
      const found = isBehind ? all.filter((base) => findNode(tree.top, base)?.kind === 'directory') : all
      if (deep && part === '**') return [...new Set(found.flatMap((base) => directoriesFrom(tree, base)))]
      if (!hasWildcards(part)) return found.map((base) => joinPath(base, part))
      const tokens = parseFilepathPattern(part)
      return found.flatMap((base) =>
        namesIn(tree, base, !isBehind)
          .filter((name) => matchesWhole(tokens, name))
          .map((name) => joinPath(base, name)),
      )
    },
    [''],
  )
}

const pivot = '/./'

/** `a/./b/c`: what `--parents` keeps begins after the pivot. Only the first one counts. */
const abovePivot = (typed: string): string => {
  const at = typed.indexOf(pivot)
  return at === -1 ? '' : typed.slice(0, at)
}

const cleaned = (path: string): string => posix.resolve('/', path).slice(1)

/**
 * What COPY's sources mean. `..` can't leave the root. A wildcard may take nothing; a name that isn't there is an error in
 * docker's words. With `parents` there are pivots, and `**`.
 */
export const selectSources = (tree: Tree, paths: readonly string[], { parents = false } = {}): readonly Match[] =>
  paths.flatMap((typed) => {
    const relative = cleaned(typed)
    const above = parents ? cleaned(abovePivot(typed)).split('/').filter(Boolean).length : 0
    const keep = (match: Match): Match => ({ ...match, kept: match.relative.split('/').slice(above).join('/') })
    if (!hasWildcards(relative)) return [keep(look(tree, relative) ?? missing(tree, typed))]
    return expandPattern(tree, relative, parents).flatMap((path) => {
      const match = look(tree, path)
      if (match !== undefined) return [keep(match)]
      return leadsNowhere(tree, path) ? missing(tree, path) : []
    })
  })
