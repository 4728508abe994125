import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { type Descriptor, type DiffId, finishDigest, mediaTypes } from '@slipway/core'
import { encodeHeader, packTar, paddingOf, type TarInput, tarEnd, tarHeader } from '@slipway/store'
import { diceOf } from './contents.ts'

/** What is made once and kept: 1.7 GB when all benchmarks have run. */
const kept = join(import.meta.dirname, '../../.slipway/bench')

/** A file, and what follows it. */
interface Part {
  readonly path: string
  readonly tail: Buffer
}

/** One layer, both ways. */
export interface BenchLayer {
  readonly diffId: DiffId
  readonly plain: Descriptor
  readonly gzip: Descriptor
  read(compression: 'plain' | 'gzip'): AsyncGenerator<Uint8Array>
}

/**
 * A layer of which there are as many variants as are wanted, each with one small file more: an engine that has one of
 * them has not got the next, and nothing need be deleted between two samples. Deleting spoils what ext4 does afterwards.
 */
export interface LayerFamily {
  variant(number: number): BenchLayer
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

/** A tar's entries, without what ends it. */
async function* withoutEnd(entries: Iterable<TarInput>): AsyncGenerator<Uint8Array> {
  let last: Uint8Array | undefined
  for await (const chunk of packTar(entries) as AsyncIterable<Uint8Array>) {
    if (last !== undefined) yield last
    last = chunk
  }
  if (last !== undefined) yield last.subarray(0, last.length - tarEnd.length)
}

const keep = async (path: string, make: () => AsyncIterable<Uint8Array>): Promise<string> => {
  if (await exists(path)) return path
  await mkdir(dirname(path), { recursive: true })
  await pipeline(make(), createWriteStream(`${path}.partial`))
  await rename(`${path}.partial`, path)
  return path
}

interface Begun {
  readonly path: string
  readonly hash: Hash
  readonly size: number
}

const hashed = async (path: string): Promise<Begun> => {
  const hash = createHash('sha256')
  let size = 0
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>) {
    hash.update(chunk)
    size += chunk.length
  }
  return { path, hash, size }
}

const describe = ({ hash, size }: Begun, tail: Buffer, mediaType: string): Descriptor => ({
  mediaType,
  digest: finishDigest(hash.copy().update(tail)),
  size: size + tail.length,
})

async function* readPart({ path, tail }: Part): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Uint8Array>
  yield tail
}

/** Makes or finds the bulk of a layer. `entries` must give the same for the same name, always. */
export const openLayerFamily = async (name: string, entries: () => Iterable<TarInput>): Promise<LayerFamily> => {
  const tar = await keep(join(kept, `${name}.tar`), () => withoutEnd(entries()))
  const gzip = await keep(join(kept, `${name}.tar.gz`), () => createReadStream(tar).pipe(createGzip()))
  const begun = { plain: await hashed(tar), gzip: await hashed(gzip) }
  const variant = (number: number): BenchLayer => {
    const body = diceOf(`${name} ${number}`).bytes(100)
    const header = encodeHeader(tarHeader({ name: `variants/${name}`, size: body.length }))
    const tail = Buffer.concat([header, body, tarEnd.subarray(0, paddingOf(body.length)), tarEnd])
    // Gzip members may follow one another (RFC 1952, section 2.2).
    const tails = { plain: tail, gzip: gzipSync(tail) }
    const plain = describe(begun.plain, tails.plain, mediaTypes.ociLayer)
    return {
      diffId: plain.digest,
      plain,
      gzip: describe(begun.gzip, tails.gzip, mediaTypes.dockerLayerGzip),
      read: (compression) => readPart({ path: begun[compression].path, tail: tails[compression] }),
    }
  }
  return { variant }
}
