import { createHash, type Hash, hash as hashOf } from 'node:crypto'
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs'
import { type Digest, finishDigest } from '@slipway/core'
import { getXattr, listXattrs } from '@slipway/linux'
import { ignoreMatcher } from '../../dockerfile/ignore/matcher.ts'
import { selectSources, type Tree } from './select.ts'
import { type Found, walkMatch } from './walk.ts'

export interface HashRequest {
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  /** Owners and extended attributes are copied, so they count. */
  readonly keepOwner: boolean
  /** Names below the source's root count, not only those below each match. */
  readonly parents: boolean
}

const chunkSize = 1 << 20

const hashFile = (path: string, size: bigint): string => {
  if (size <= chunkSize) return hashOf('sha256', readFileSync(path))
  const hash = createHash('sha256')
  const buffer = Buffer.allocUnsafe(chunkSize)
  const file = openSync(path, 'r')
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, length))
    }
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}

const kindOf = ({ stat }: Found): string => {
  if (stat.isFile()) return 'file'
  if (stat.isDirectory()) return 'directory'
  return stat.isSymbolicLink() ? 'link' : 'special'
}

const describeXattrs = (path: string): readonly string[] =>
  [...listXattrs(path)].sort().map((name) => `${name}=${getXattr(path, name)?.toString('hex') ?? ''}`)

/**
 * What of a file is part of the key: kind, mode, owner, size, content, link target, device, attributes. No times: a
 * checkout that touched every file has changed nothing.
 */
const describeFound = (found: Found, keepOwner: boolean): readonly unknown[] => {
  const { stat, path } = found
  const kind = kindOf(found)
  return [
    kind,
    Number(stat.mode) & 0o7777,
    keepOwner ? [Number(stat.uid), Number(stat.gid)] : [0, 0],
    kind === 'file' ? [Number(stat.size), hashFile(path, stat.size)] : null,
    kind === 'link' ? readlinkSync(path) : null,
    kind === 'special' ? String(stat.rdev) : null,
    keepOwner && kind !== 'link' ? describeXattrs(path) : [],
  ]
}

/** The key of what a COPY would copy. `onEntry` is called for every file, and may throw to stop. */
export const hashSources = (tree: Tree, request: HashRequest, onEntry: () => void): Digest => {
  const exclude = ignoreMatcher(request.exclude)
  const hash = createHash('sha256')
  for (const match of selectSources(tree, request.paths)) {
    const isDirectory = match.stat.isDirectory()
    // A directory's contents are copied, so its own name and mode don't matter; a file may keep its name.
    addRecord(hash, ['match', request.parents ? match.relative : isDirectory ? '' : match.name])
    for (const found of walkMatch(tree, match, exclude)) {
      onEntry()
      if (isDirectory && found.inner === '') continue
      addRecord(hash, [found.inner, ...describeFound(found, request.keepOwner)])
    }
  }
  return finishDigest(hash)
}

const addRecord = (hash: Hash, record: readonly unknown[]): void => {
  hash.update(`${JSON.stringify(record)}\n`)
}
