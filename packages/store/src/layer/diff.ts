import { createHash, type Hash } from 'node:crypto'
import { closeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { type Compression, finishDigest, type LayerDiff } from '@slipway/core'
import { writeCompressed } from '../compress/write-compressed.ts'
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
  /** Also what looks the same in both trees is read. */
  readonly contents?: boolean | undefined
  readonly to?: string | undefined
  readonly compression: Compression
  /** Whether the caller reads the file's bytes as well. */
  readonly isShared?: boolean
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
function* comparedEntries(base: number | null, tree: number, contents: boolean): Generator<ToPack, void, void> {
  const changes = compareTrees(base, tree, { contents })
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

export type LayerTrees = Pick<DiffLayer, 'tree' | 'base' | 'contents'>

/** Opens the trees, and closes them when `body` has done with the layer's tar. */
const withTar = async <T>(
  { tree, base, contents = false }: LayerTrees,
  body: (pieces: Iterable<Buffer>) => Promise<T>,
): Promise<T> => {
  const treeFd = openDirectory(tree)
  const baseFd = typeof base === 'string' ? openDirectory(base) : null
  try {
    return await body(
      tarPieces(base === undefined ? layerEntries(walk(treeFd)) : comparedEntries(baseFd, treeFd, contents)),
    )
  } finally {
    closeSync(treeFd)
    if (baseFd !== null) closeSync(baseFd)
  }
}

/** A worker's job: streams the layer's tar. */
export const packLayer = (trees: LayerTrees, { signal, sink }: JobContext): Promise<void> =>
  withTar(trees, async (pieces) => {
    for (const piece of pieces) {
      signal.throwIfAborted()
      sink.append(piece)
      if (sink.full) await sink.ready()
      else await setImmediate()
    }
    sink.end()
  })

/** A worker's job: the layer's tar, hashed, and written to a file if one is wanted. */
export const diffLayer = (
  { to, compression, isShared = false, ...trees }: DiffLayer,
  context: JobContext,
): Promise<LayerDiff> =>
  withTar(trees, async (tarPieces) => {
    const pieces = inTurns(tarPieces, context)
    const sink = isShared ? context.sink : undefined
    if (to !== undefined && compression === 'none') {
      const file = await writeCompressed(to, pieces, compression, sink)
      return { diffId: file.digest, size: file.size, file }
    }
    const hash = createHash('sha256')
    const counter = { size: 0 }
    const tar = hashed(pieces, hash, counter)
    const file = to === undefined ? undefined : await writeCompressed(to, tar, compression, sink)
    if (to === undefined) for await (const _ of tar);
    return { diffId: finishDigest(hash), size: counter.size, ...(file === undefined ? {} : { file }) }
  })

/** Others get a turn of the thread in between. */
async function* inTurns(
  pieces: Iterable<Buffer>,
  { signal, progress }: JobContext,
): AsyncGenerator<Buffer, void, void> {
  for (const piece of pieces) {
    signal.throwIfAborted()
    progress(piece.length)
    yield piece
    await setImmediate()
  }
}

async function* hashed(
  pieces: AsyncIterable<Buffer>,
  hash: Hash,
  counter: { size: number },
): AsyncGenerator<Buffer, void, void> {
  for await (const piece of pieces) {
    hash.update(piece)
    counter.size += piece.length
    yield piece
  }
}
