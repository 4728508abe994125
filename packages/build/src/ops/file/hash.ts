import { createHash } from 'node:crypto'
import { type Digest, finishDigest, ignoreMatcher } from '@slipway/core'
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

/** Hashes of files that have several names: each is read once. */
type LinkedHashes = Map<string, string>

const contentHash = (node: Node, linked: LinkedHashes): string => {
  const { identity } = node
  if (identity === '') return node.hash()
  const hash = linked.get(identity) ?? node.hash()
  linked.set(identity, hash)
  return hash
}

/** As text. Of a tree that is kept it is made once. */
const descriptionOf = (node: Node, keepOwner: boolean, linked: LinkedHashes): string => {
  if (keepOwner) return JSON.stringify(describeNode(node, true, linked))
  node.described ??= JSON.stringify(describeNode(node, false, linked))
  return node.described
}

/**
 * What of a file is part of the key: kind, mode, owner, size, content, link target, device, attributes. No times: a
 * checkout that touched every file has changed nothing.
 */
const describeNode = (node: Node, keepOwner: boolean, linked: LinkedHashes): readonly unknown[] => {
  const { kind, device } = node
  return [
    kind,
    node.mode,
    keepOwner ? [node.uid, node.gid] : [0, 0],
    kind === 'file' ? [node.size, contentHash(node, linked)] : null,
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
  const hash = new RecordHash()
  const linked: LinkedHashes = new Map()
  for (const match of selectSources(tree, request.paths, request)) {
    const isDirectory = match.node.kind === 'directory'
    // A directory's contents are copied, so its own name and mode don't matter; a file may keep its name.
    hash.add(JSON.stringify(['match', request.parents ? match.kept : isDirectory ? '' : match.name]))
    walkMatch(tree, match, { exclude, top: request.parents ? match.kept : '' }, ({ inner, node }) => {
      onEntry()
      if (isDirectory && inner === '') return
      const record = `${JSON.stringify(inner)} ${descriptionOf(node, request.keepOwner, linked)}`
      hash.add(record)
      if (node.kind !== 'directory') listing.add(pathOf(match, inner), record)
    })
  }
  return { digest: hash.finish(), listing: listing.end() }
}

const pathOf = ({ relative }: Match, inner: string): string =>
  relative === '' || inner === '' ? `${relative}${inner}` : `${relative}/${inner}`

/** Characters. */
const batch = 1 << 15

/** Lines are hashed many at a time: a call for each costs more than its hash. */
class RecordHash {
  readonly #hash = createHash('sha256')
  #waiting = ''

  add(record: string): void {
    this.#waiting += `${record}\n`
    if (this.#waiting.length > batch) this.#flush()
  }

  finish(): Digest {
    this.#flush()
    return finishDigest(this.#hash)
  }

  #flush(): void {
    this.#hash.update(this.#waiting)
    this.#waiting = ''
  }
}
