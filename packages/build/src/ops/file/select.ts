import { posix } from 'node:path'
import { SlipwayError } from '@slipway/core'
import { matchesWhole } from '../../dockerfile/glob.ts'
import { hasWildcards, parseFilepathPattern } from '../../dockerfile/glob-class.ts'
import { type IgnoreMatcher, ignoreMatcher, isIgnored } from '../../dockerfile/ignore/matcher.ts'
import { openDirectory } from './tree/disk.ts'
import { findNode, type Node } from './tree/node.ts'
import { openTar } from './tree/tar.ts'

/** What holds files: a directory, or a tar without compression that is never unpacked. */
export interface FileSource {
  readonly kind: 'directory' | 'tar'
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
  /** With the symlinks on the way and at the end followed. */
  readonly node: Node
}

/** `onEntry` is called now and then, and may throw to stop. */
export const openTree = ({ source, ignore, isContext }: TreeRequest, onEntry: () => void): Tree => ({
  top: source.kind === 'tar' ? openTar(source.path, onEntry) : openDirectory(source.path),
  ignore: ignoreMatcher(ignore),
  isContext,
})

const missing = ({ isContext }: Tree, path: string): never => {
  const place = isContext ? 'file not found in build context or excluded by .dockerignore: ' : ''
  throw new SlipwayError('invalid', `COPY failed: ${place}stat ${path}: file does not exist`, { detail: { path } })
}

/** What lies at `relative`, unless .dockerignore has it. An ignored directory counts while something in it may not be. */
const look = (tree: Tree, relative: string): Match | undefined => {
  const node = findNode(tree.top, relative, { followLast: true })
  if (node === undefined || node.kind === 'symlink') return undefined
  const hidden = relative !== '' && isIgnored(tree.ignore, relative)
  if (hidden && !(node.kind === 'directory' && tree.ignore.hasExceptions)) return undefined
  return { name: posix.basename(relative), relative, node }
}

const namesIn = (tree: Tree, path: string): readonly string[] =>
  findNode(tree.top, path, { followLast: true })?.names() ?? []

/** Every path that a pattern takes, part by part: a wildcard never crosses a slash. */
const expandPattern = (tree: Tree, pattern: string): readonly string[] =>
  pattern.split('/').reduce<readonly string[]>(
    (found, part) => {
      const below = (base: string, name: string): string => (base === '' ? name : `${base}/${name}`)
      if (!hasWildcards(part)) return found.map((base) => below(base, part))
      const tokens = parseFilepathPattern(part)
      return found.flatMap((base) =>
        namesIn(tree, base)
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
