import { createHash, type Hash } from 'node:crypto'
import { Readable } from 'node:stream'
import {
  algorithmOf,
  type ByteRange,
  type Descriptor,
  finishDigest,
  hasCode,
  invalid,
  isDigest,
  SlipwayError,
} from '@slipway/core'
import { repositoryScope } from './authorization.ts'
import { piecesOf } from './pieces.ts'
import { waitToRetry } from './retry.ts'
import type { Session } from './session.ts'
import { drain, headerOf, type Response, wireFault } from './transport.ts'

interface Download {
  readonly session: Session
  readonly repository: string
  readonly descriptor: Descriptor
  readonly range?: ByteRange | undefined
  /** Hash what passes by. False where the receiver does it: 1 GiB of sha256 takes 0.8 s of one core. */
  readonly verify: boolean
}

const failed = (descriptor: Descriptor): string =>
  `filesystem layer verification failed for digest ${descriptor.digest}`

/** The first byte of a 206 (RFC 9110, section 14.4). */
const firstByteOf = (response: Response): number => {
  const start = /^bytes (\d+)-/.exec(headerOf(response, 'content-range') ?? '')?.[1]
  return start === undefined ? Number.NaN : Number(start)
}

/** Addresses of a layer that its registry may not give on, and that are asked when it has not got it. */
const mostAddresses = 8

const isNowhere = (error: unknown): boolean => hasCode(error, 'not-found') || hasCode(error, 'forbidden')

/** Asks the registry, and then where the descriptor says that its bytes may be (image-spec, descriptor.md: `urls`). */
const request = async (
  { session, repository, descriptor }: Download,
  headers: Readonly<Record<string, string>>,
): Promise<Response> => {
  const ask = (target: string | URL, scopes: readonly string[]): Promise<Response> =>
    session.request({ method: 'GET', target, scopes, headers, expect: [200, 206] })
  const elsewhere = (descriptor.urls ?? []).flatMap((address) => URL.parse(address) ?? [])
  let answer = ask(`/v2/${repository}/blobs/${descriptor.digest}`, [repositoryScope(repository, 'pull')])
  for (const address of elsewhere.filter(({ protocol }) => /^https?:$/.test(protocol)).slice(0, mostAddresses)) {
    answer = answer.catch((error: unknown) => {
      if (!isNowhere(error)) throw error
      return ask(address, [])
    })
  }
  return answer
}

/**
 * Asks for the bytes from `position` to `end`. What it returns may begin before `position`, when the registry knows no ranges.
 */
const open = async (download: Download, position: number, end: number): Promise<{ response: Response; at: number }> => {
  const { descriptor } = download
  const partial = position > 0 || end < descriptor.size - 1
  const response = await request(download, {
    // The digest is that of the bytes as they are stored, so none may be recoded on the way.
    'accept-encoding': 'identity',
    ...(partial ? { range: `bytes=${position}-${end}` } : {}),
  })
  const at = response.status === 206 ? firstByteOf(response) : 0
  if (at !== position && at !== 0) {
    await drain(response)
    throw invalid(`the registry sent another range of ${descriptor.digest} than the one asked for`)
  }
  const length = headerOf(response, 'content-length')
  if (response.status === 200 && length !== undefined && Number(length) !== descriptor.size) {
    response.body.destroy()
    throw invalid(`${failed(descriptor)}: the registry offers ${length} bytes in place of ${descriptor.size}`)
  }
  return { response, at }
}

/** The part of `chunk`, which begins at byte `at`, that lies from `position` to `end`. */
const cut = (chunk: Uint8Array, at: number, position: number, end: number): Uint8Array =>
  chunk.subarray(Math.min(chunk.length, Math.max(0, position - at)), Math.max(0, end + 1 - at))

const shortRead = (expected: number, got: number): SlipwayError =>
  new SlipwayError('unavailable', `short read: expected ${expected} bytes but got ${got}: unexpected EOF`)

/** When the connection is cut, the next request asks only for what is missing. */
async function* read(download: Download, first: Awaited<ReturnType<typeof open>>): AsyncGenerator<Uint8Array> {
  const { session, descriptor, range, verify } = download
  const end = Math.min(range?.end ?? Number.POSITIVE_INFINITY, descriptor.size - 1)
  const start = range?.start ?? 0
  const whole = start === 0 && end === descriptor.size - 1
  const hash: Hash | undefined = verify && whole ? createHash(algorithmOf(descriptor.digest)) : undefined
  let position = start
  let current: typeof first | undefined = first
  for (let attempt = 1; position <= end; attempt += 1) {
    const began = position
    const { response, at } = current ?? (await open(download, position, end))
    current = undefined
    try {
      let offset = at
      for await (const chunk of piecesOf(response.body)) {
        const useful = cut(chunk, offset, position, end)
        offset += chunk.length
        if (offset > descriptor.size) throw invalid(`${failed(descriptor)}: it is longer than ${descriptor.size} bytes`)
        if (useful.length === 0) continue
        position += useful.length
        hash?.update(useful)
        yield useful
      }
      if (position <= end) throw shortRead(end + 1 - start, position - start)
    } catch (error) {
      // What moved forward deserves all its tries again.
      if (position > began) attempt = 1
      const { url } = response
      const fault =
        error instanceof SlipwayError ? error : wireFault(error, { method: 'GET', url, signal: session.signal })
      await waitToRetry(fault, attempt, { policy: session.retry, signal: session.signal })
    }
  }
  if (hash !== undefined && finishDigest(hash, algorithmOf(descriptor.digest)) !== descriptor.digest) {
    throw invalid(failed(descriptor))
  }
}

/**
 * A blob, as a stream that survives cut connections. Throws not-found; the stream throws invalid for bytes that are not the
 * blob's.
 */
export const downloadBlob = async (download: Download): Promise<Readable> => {
  const { descriptor, range } = download
  if (!isDigest(descriptor.digest)) throw invalid(`invalid digest: ${descriptor.digest}`)
  const end = Math.min(range?.end ?? Number.POSITIVE_INFINITY, descriptor.size - 1)
  const start = range?.start ?? 0
  if (start > end) return Readable.from([], { objectMode: false })
  const first = await open(download, start, end)
  // Pieces as they come: in one that isn't in object mode, all that wait are copied into one.
  const stream = Readable.from(read(download, first), { objectMode: true, highWaterMark: 2 })
  // A reader that leaves before the first byte never starts the generator, which would have closed the body.
  return stream.once('close', () => first.response.body.destroy())
}
