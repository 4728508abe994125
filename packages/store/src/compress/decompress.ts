import { spawn } from 'node:child_process'
import { Duplex, pipeline, Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type Bytes, invalid, messageOf, SlipwayError } from '@slipway/core'
import { findBinary } from '@slipway/linux'
import { type CompressionFormat, detectCompression, magicLength } from './detect.ts'
import { splitFrames } from './zstd-frames.ts'

/** 1 MiB: gunzip of 295 MB takes 0.85 CPU seconds then, twice that with the default of 16 KiB. */
const chunkSize = 1 << 20

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

/** Holds back the first bytes until there are enough to see what they are; then everything comes in order. */
const peek = async (source: Bytes): Promise<{ first: Buffer; all: AsyncIterable<Uint8Array> }> => {
  const chunks = source instanceof Readable ? source.iterator() : toAsync(source)
  let first = Buffer.alloc(0)
  while (first.length < magicLength) {
    const next = await chunks.next()
    if (next.done) break
    first = first.length === 0 ? Buffer.from(next.value) : Buffer.concat([first, next.value])
  }
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    try {
      if (first.length > 0) yield first
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
    } finally {
      await chunks.return?.()
    }
  }
  return { first, all: all() }
}

async function* toAsync(source: Bytes): AsyncGenerator<Uint8Array, void, void> {
  yield* source
}

async function* decompress(source: Bytes, given?: CompressionFormat): AsyncGenerator<Uint8Array, void, void> {
  const { first, all } = await peek(source)
  const format = given ?? detectCompression(first)
  if (format === 'none') {
    yield* all
    return
  }
  const input = Readable.from(format === 'zstd' ? splitFrames(all) : all, {
    objectMode: false,
    highWaterMark: chunkSize,
  })
  let sourceFailure: unknown
  input.on('error', (error) => {
    sourceFailure = error
  })
  try {
    yield* pipeline(input, decompressors[format](), () => {}) as AsyncIterable<Uint8Array>
  } catch (error) {
    if (sourceFailure !== undefined || error instanceof SlipwayError) throw sourceFailure ?? error
    throw invalid(`invalid ${format} data: ${messageOf(error)}`, error)
  }
}

/**
 * Decompresses in libuv's pool or in a process of its own, as it is read. Without `compression` the magic bytes decide.
 * Bad data makes the stream fail with invalid. Destroying the result ends the source.
 */
export const decompressStream = (
  source: Bytes,
  { compression }: { readonly compression?: CompressionFormat | undefined } = {},
): Readable => Readable.from(decompress(source, compression), { objectMode: false, highWaterMark: 1 })
