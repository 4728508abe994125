import { createHash } from 'node:crypto'
import { type AppliedLayer, type Compression, type DiffId, finishDigest, invalid } from '@slipway/core'
import { syncFileSystem } from '@slipway/linux'
import { decompressPieces } from '../compress/decompress.ts'
import { filePieces } from '../content/file-pieces.ts'
import { TarParser } from '../tar/parse.ts'
import type { JobContext } from '../workers/job.ts'
import type { RawName } from './file-name.ts'
import { type TreeRules, TreeWriter } from './tree-writer.ts'

/** Where a layer's tar comes from: a file, or what the caller streams. */
export interface LayerInput {
  readonly path?: string | undefined
  readonly compression?: Compression | undefined
  readonly expected?: DiffId | undefined
  /** Someone else hashes the same bytes: nobody is told here what they are. */
  readonly isHashed?: boolean
}

/** A layer whose digest is undefined when someone else makes it. */
export type ReadLayer = Pick<AppliedLayer, 'size'> & { readonly diffId: DiffId | undefined }

export interface UnpackLayer extends LayerInput {
  /** An existing directory. */
  readonly target: string
  readonly rules: TreeRules
}

export interface UnpackedTree extends ReadLayer {
  /** Directories that the tar has things in, and says nothing of: see `settleImplied`. */
  readonly implied: readonly RawName[]
}

/**
 * A worker's job: a layer's tar into a directory, in one pass over the file: inflating (in libuv's pool where the machine
 * hasn't got ISA-L), hashing and writing here. 30,000 files (141 MB of tar) to tmpfs: 1.3 s of a busy machine, GNU tar
 * without hashing 0.7–0.85 s; nearly all of it is the kernel's (open, write, close). Left-overs of a failure are the caller's
 * to remove.
 */
export const unpackLayer = async (
  { target, rules, ...input }: UnpackLayer,
  context: JobContext,
): Promise<UnpackedTree> => {
  using writer = new TreeWriter(target, rules)
  const parser = new TarParser(writer)
  const layer = await readLayer(input, context, (chunk) => parser.push(chunk))
  parser.end()
  const implied = writer.finish()
  // One call for the whole layer: 0.5–3 ms when little waits to be written, else as long as the disk takes.
  syncFileSystem(target)
  return { ...layer, implied }
}

/** A worker's job: what a layer is, without unpacking it. */
export const hashLayer = async (input: Omit<LayerInput, 'isHashed'>, context: JobContext): Promise<AppliedLayer> =>
  (await readLayer(input, context, () => {})) as AppliedLayer

/** Hands on the uncompressed tar, and verifies what it was. A promise of `take` is waited for. */
export const readLayer = async (
  { path, compression, expected, isHashed = false }: LayerInput,
  { signal, progress, source }: JobContext,
  take: (chunk: Uint8Array) => void | Promise<void>,
): Promise<ReadLayer> => {
  const hash = isHashed ? undefined : createHash('sha256')
  let size = 0
  const bytes = counted(path === undefined ? source : filePieces(path), progress)
  for await (const chunk of decompressPieces(bytes, { compression })) {
    signal.throwIfAborted()
    hash?.update(chunk)
    size += chunk.length
    const waiting = take(chunk)
    if (waiting !== undefined) await waiting
  }
  const diffId = hash && finishDigest(hash)
  if (expected !== undefined && diffId !== expected) {
    throw invalid(`layer digest mismatch: expected ${expected}, got ${diffId}`)
  }
  return { diffId, size }
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  progress: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of bytes) {
    progress(chunk.length)
    yield chunk
  }
}
