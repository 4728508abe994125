import { createHash, type Hash } from 'node:crypto'
import { closeSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { type Compression, finishDigest, type LayerDiff } from '@slipway/core'
import { compressStream } from '../compress/compress.ts'
import { tarHeader } from '../tar/header.ts'
import type { JobContext } from '../workers/job.ts'
import { compareTrees } from './compare-trees.ts'
import { inDirectory, joinNames, splitLast } from './file-name.ts'
import { type ToPack, tarPieces } from './tar-pieces.ts'
import { type Found, openDirectory, walk } from './walk.ts'
import { isOpaque, isWhiteout, opaqueMarker, whiteoutPrefix } from './whiteout.ts'

export interface DiffLayer {
  /** An overlay's upper directory; or a whole tree, when `base` is given. */
  readonly tree: string
  /** The whole tree to compare with; null for nothing at all. */
  readonly base?: string | null | undefined
  readonly to?: string | undefined
  readonly compression: Compression
}

const whiteout = (path: string): ToPack => {
  const { parent, name } = splitLast(path)
  return { header: tarHeader({ name: Buffer.from(joinNames(parent, whiteoutPrefix + name), 'latin1'), mode: 0 }) }
}

/** overlayfs's marks as a layer's tar has them. */
function* layerEntries(found: Iterable<Found>): Generator<ToPack, void, void> {
  for (const each of found) {
    if (isWhiteout(each.stat)) yield whiteout(each.path)
    else {
      yield { found: each, name: each.path }
      if (each.stat.isDirectory() && isOpaque(inDirectory(each.fd, each.name))) {
        yield { header: tarHeader({ name: Buffer.from(joinNames(each.path, opaqueMarker), 'latin1'), mode: 0 }) }
      }
    }
  }
}

/** The same for two whole trees: a directory's whiteouts follow it. */
function* comparedEntries(base: number | null, tree: number): Generator<ToPack, void, void> {
  const changes = compareTrees(base, tree)
  const deleted = Map.groupBy(
    [...changes].filter(([, kind]) => kind === 'deleted').map(([path]) => path),
    (path) => splitLast(path).parent,
  )
  for (const path of deleted.get('') ?? []) yield whiteout(path)
  for (const found of walk(tree, { skip: (path) => !changes.has(path) })) {
    yield { found, name: found.path }
    for (const path of deleted.get(found.path) ?? []) yield whiteout(path)
  }
}

/** A worker's job: the layer's tar, hashed, and written to a file if one is wanted. */
export const diffLayer = async (
  { tree, base, to, compression }: DiffLayer,
  context: JobContext,
): Promise<LayerDiff> => {
  const treeFd = openDirectory(tree)
  const baseFd = typeof base === 'string' ? openDirectory(base) : null
  try {
    const entries = base === undefined ? layerEntries(walk(treeFd)) : comparedEntries(baseFd, treeFd)
    const hash = createHash('sha256')
    const counter = { size: 0 }
    const pieces = hashed(tarPieces(entries), hash, counter, context)
    const file = to === undefined ? undefined : await writeFile(to, pieces, compression)
    if (to === undefined) for await (const _ of pieces);
    const diffId = finishDigest(hash)
    const { size } = counter
    if (file === undefined) return { diffId, size }
    return { diffId, size, file: compression === 'none' ? { digest: diffId, size } : file() }
  } finally {
    closeSync(treeFd)
    if (baseFd !== null) closeSync(baseFd)
  }
}

/** Passes the pieces on, hashed and counted; others get a turn of the thread in between. */
async function* hashed(
  pieces: Iterable<Buffer>,
  hash: Hash,
  counter: { size: number },
  { signal, progress }: JobContext,
): AsyncGenerator<Buffer, void, void> {
  for (const piece of pieces) {
    signal.throwIfAborted()
    hash.update(piece)
    counter.size += piece.length
    progress(piece.length)
    yield piece
    await setImmediate()
  }
}

/** Returns what tells digest and size of what was written. */
const writeFile = async (path: string, pieces: AsyncIterable<Uint8Array>, compression: Compression) => {
  const hash = createHash('sha256')
  let size = 0
  await using file = await open(path, 'wx')
  for await (const chunk of compressStream(pieces, compression)) {
    if (compression !== 'none') hash.update(chunk)
    size += chunk.length
    for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten
  }
  return () => ({ digest: finishDigest(hash), size })
}
