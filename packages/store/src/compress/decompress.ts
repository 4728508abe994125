import { spawn } from 'node:child_process'
import { Duplex, Readable } from 'node:stream'
import { isMainThread } from 'node:worker_threads'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type Bytes, invalid, messageOf, SlipwayError } from '@slipway/core'
import { findBinary, type GzipInflater, openInflater } from '@slipway/linux'
import { type CompressionFormat, detectCompression, magicLength } from './detect.ts'
import { peek } from './peek.ts'
import { splitFrames } from './zstd-frames.ts'

/** 256 KiB: gunzip takes half the processor's time that it takes with the default of 16 KiB; more gains nothing. */
const chunkSize = 1 << 18

/** xz and bzip2 are left to their programs: no layer of today's registries uses them, `docker load` still takes them. */
const program = (name: 'xz' | 'bzip2'): Duplex => {
  const binary = findBinary(name)
  if (binary === undefined) {
    throw new SlipwayError('unsupported', `this needs ${name}, which is not installed`, { detail: { binary: name } })
  }
  const child = spawn(binary, ['-d', '-c'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  exit.catch(() => {})
  // The program stops reading when it is killed or has found an error, which its exit code tells.
  child.stdin.on('error', () => {})
  async function* output(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>
      if ((await exit) !== 0) throw invalid(`${name} could not decompress the data`)
    } finally {
      child.kill('SIGKILL')
    }
  }
  return Duplex.from({ writable: child.stdin, readable: Readable.from(output(), { objectMode: false }) })
}

const decompressors: Readonly<Record<Exclude<CompressionFormat, 'none'>, () => Duplex>> = {
  gzip: () => createGunzip({ chunkSize }),
  zstd: () => createZstdDecompress({ chunkSize }),
  bzip2: () => program('bzip2'),
  xz: () => program('xz'),
}

/** Writes all of `source`, a chunk at a time: the next one is asked for when the last has been used up. */
const feed = async (source: AsyncIterable<Uint8Array>, decompressor: Duplex): Promise<void> => {
  let goOn = (): void => {}
  // What follows the end of compressed data is never taken, and its callback never called.
  decompressor.once('close', () => goOn())
  try {
    for await (const chunk of source) {
      await new Promise<void>((resolve) => {
        goOn = resolve
        decompressor.write(chunk, () => resolve())
      })
      if (decompressor.destroyed) return
    }
    decompressor.end()
  } catch (error) {
    decompressor.destroy(error as Error)
  }
}

const invalidData = (format: CompressionFormat, error: unknown): SlipwayError =>
  invalid(`invalid ${format} data: ${messageOf(error)}`, error)

/** What is in some bytes of a gzip, or invalid. */
function* inflated(inflater: GzipInflater, bytes: Uint8Array): Generator<Uint8Array, void, void> {
  try {
    yield* inflater.inflate(bytes)
  } catch (error) {
    throw invalidData('gzip', error)
  }
}

/** Inflates in this thread, into the same memory again and again. */
async function* inflateHere(
  source: AsyncIterable<Uint8Array>,
  inflater: GzipInflater,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const bytes of source) {
    yield* inflated(inflater, bytes)
    if (inflater.hasEnded) return
  }
  if (inflater.isInside) throw invalidData('gzip', new Error('unexpected end of file'))
}

interface Reading {
  readonly compression: CompressionFormat | undefined
  /** Told of each piece that the reader has finished with; without it, pieces are the reader's to keep. */
  readonly used?: (piece: Uint8Array) => void
}

/** The event loop never waits for an inflater, and a reader who keeps pieces needs new memory for each. */
const openInflaterFor = (format: CompressionFormat, { used }: Reading): GzipInflater | undefined =>
  format === 'gzip' && used !== undefined && !isMainThread ? openInflater(Buffer.allocUnsafeSlow(chunkSize)) : undefined

async function* decompress(source: Bytes, reading: Reading): AsyncGenerator<Uint8Array, void, void> {
  const { first, all } = await peek(source, magicLength)
  const format = reading.compression ?? detectCompression(first)
  if (format === 'none') {
    yield* all
    return
  }
  const inflater = openInflaterFor(format, reading)
  if (inflater === undefined) yield* decompressAside(all, format, reading)
  else yield* inflateHere(all, inflater)
}

/** In libuv's pool, or in a process. */
async function* decompressAside(
  all: AsyncIterable<Uint8Array>,
  format: Exclude<CompressionFormat, 'none'>,
  { used }: Reading,
): AsyncGenerator<Uint8Array, void, void> {
  const decompressor = decompressors[format]()
  let sourceFailure: unknown
  async function* watched(): AsyncGenerator<Uint8Array, void, void> {
    try {
      yield* format === 'zstd' ? splitFrames(all) : all
    } catch (error) {
      sourceFailure = error
      throw error
    }
  }
  void feed(watched(), decompressor)
  try {
    for await (const piece of decompressor as AsyncIterable<Uint8Array>) {
      yield piece
      used?.(piece)
    }
  } catch (error) {
    if (sourceFailure !== undefined || error instanceof SlipwayError) throw sourceFailure ?? error
    throw invalidData(format, error)
  } finally {
    decompressor.destroy()
  }
}

/** As `release()`; zlib goes on filling a buffer until it is full. */
const releaseFull = ({ buffer, byteOffset, byteLength }: Uint8Array): void => {
  if (buffer.byteLength === chunkSize && byteOffset + byteLength === chunkSize) (buffer as ArrayBuffer).transfer(0)
}

/**
 * As `decompressStream`, for a reader that has finished with a piece when it asks for the next one, and a source that may
 * use one buffer again and again. In a worker, gzip is inflated by the thread itself, where the machine has ISA-L
 * (docs/decisions/0034-isal.md).
 */
export const decompressPieces = (
  source: Bytes,
  { compression }: { readonly compression?: CompressionFormat | undefined } = {},
): AsyncGenerator<Uint8Array, void, void> => decompress(source, { compression, used: releaseFull })

/**
 * Decompresses in libuv's pool or in a process of its own, as it is read. Without `compression` the magic bytes decide.
 * Bad data makes the stream fail with invalid. Destroying the result ends the source.
 */
export const decompressStream = (
  source: Bytes,
  { compression }: { readonly compression?: CompressionFormat | undefined } = {},
): Readable => Readable.from(decompress(source, { compression }), { objectMode: false, highWaterMark: 1 })
