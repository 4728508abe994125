import { createHash, type Hash } from 'node:crypto'
import { type Digest, finishDigest } from '@slipway/core'
import { ignoreMatcher } from '../../dockerfile/ignore/matcher.ts'
import { gatherListing, type Listing } from './listing.ts'
import { type Match, selectSources, type Tree } from './select.ts'
import type { Node } from './tree/node.ts'
import { walkMatch } from './walk.ts'

export interface HashRequest {
  readonly paths: readonly string[]
  readonly exclude: readonly string[]
  /** Owners and extended attributes are copied, so they count. */
  readonly keepOwner: boolean
  /** Names below the source's root count, not only those below each match. */
  readonly parents: boolean
}

const describeXattrs = (node: Node): readonly string[] =>
  [...node.xattrs()].map(([name, value]) => `${name}=${value.toString('hex')}`)

/**
 * What of a file is part of the key: kind, mode, owner, size, content, link target, device, attributes. No times: a
 * checkout that touched every file has changed nothing.
 */
const describeNode = (node: Node, keepOwner: boolean): readonly unknown[] => {
  const { kind, device } = node
  return [
    kind,
    node.mode,
    keepOwner ? [node.uid, node.gid] : [0, 0],
    kind === 'file' ? [node.size, node.hash()] : null,
    kind === 'symlink' ? node.target() : null,
    kind === 'special' ? `${device.format} ${device.number}` : null,
    keepOwner && kind !== 'symlink' ? describeXattrs(node) : [],
  ]
}

/** The key of what a COPY would copy, and what its files hold. `onEntry` is called for every file, and may throw to stop. */
export const hashSources = (
  tree: Tree,
  request: HashRequest,
  onEntry: () => void,
): { readonly digest: Digest; readonly listing: Listing } => {
  const listing = gatherListing()
  const exclude = ignoreMatcher(request.exclude)
  const hash = createHash('sha256')
  for (const match of selectSources(tree, request.paths, request)) {
    const isDirectory = match.node.kind === 'directory'
    // A directory's contents are copied, so its own name and mode don't matter; a file may keep its name.
    addRecord(hash, ['match', request.parents ? match.kept : isDirectory ? '' : match.name])
    for (const found of walkMatch(tree, match, exclude, request.parents ? match.kept : '')) {
      onEntry()
      if (isDirectory && found.inner === '') continue
      const record = addRecord(hash, [found.inner, ...describeNode(found.node, request.keepOwner)])
      if (found.node.kind !== 'directory') listing.add(pathOf(match, found.inner), record)
    }
  }
  return { digest: finishDigest(hash), listing: listing.end() }
}

const pathOf = ({ relative }: Match, inner: string): string =>
  relative === '' || inner === '' ? `${relative}${inner}` : `${relative}/${inner}`

const addRecord = (hash: Hash, record: readonly unknown[]): string => {
  const text = `${JSON.stringify(record)}\n`
  hash.update(text)
  return text
}
