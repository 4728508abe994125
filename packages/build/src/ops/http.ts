import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm, utimes } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { invalid, SlipwayError, wireWords } from '@slipway/core'
import { type Edge, edge, type Op, type OpContext } from '../graph/vertex.ts'

/** The last part of the address; Content-Disposition isn't asked. */
const fileNameOf = (url: string): string => {
  const name = posix.basename(decodeURIComponent(new URL(url).pathname))
  return name === '' || name === '..' || name.includes('\0') ? '__unnamed__' : name
}

const lengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

interface Checksum {
  readonly algorithm: string
  readonly text: string
}

/** What a file has to be. Throws invalid, in the words of BuildKit. */
const parseChecksum = (text: string): Checksum => {
  const [, algorithm = '', encoded = ''] = /^([a-z0-9]+(?:[.+_-][a-z0-9]+)*):([\w=-]+)$/.exec(text) ?? []
  if (algorithm === '') throw invalid('invalid checksum digest format')
  const length = Object.hasOwn(lengths, algorithm) ? lengths[algorithm] : undefined
  if (length === undefined) throw invalid('unsupported digest algorithm')
  if (encoded.length !== length) throw invalid('invalid checksum digest length')
  if (!/^[a-f0-9]*$/.test(encoded)) throw invalid('invalid checksum digest format')
  return { algorithm, text }
}

const get = async (url: string, signal: AbortSignal): Promise<Response> => {
  const response = await fetch(url, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted()
    throw new SlipwayError('unavailable', `Get "${url}": ${wireWords(cause, new URL(url))}`, {
      cause,
      detail: { download: url },
    })
  })
  if (response.ok && response.body !== null) return response
  await response.body?.cancel()
  const status = `${response.status} ${response.statusText}`.trim()
  throw new SlipwayError('unavailable', `invalid response status ${response.status}`, {
    detail: { download: url, status },
  })
}

const fetchFile = async (
  url: string,
  path: string,
  checksum: Checksum | undefined,
  signal: AbortSignal,
): Promise<void> => {
  const response = await get(url, signal)
  const { algorithm, text: expected } = checksum ?? { algorithm: 'sha256' }
  const hash = createHash(algorithm)
  const body = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0])
  body.on('data', (chunk: Uint8Array) => hash.update(chunk))
  await pipeline(body, createWriteStream(path, { mode: 0o600 }), { signal })
  const digest = `${algorithm}:${hash.digest('hex')}`
  if (expected !== undefined && digest !== expected) throw invalid(`digest mismatch ${digest}: ${expected}`)
  const modified = new Date(response.headers.get('last-modified') ?? Number.NaN)
  const time = Number.isNaN(modified.getTime()) ? new Date(0) : modified
  await utimes(path, time, time)
}

const httpOp = (url: string, name: string, checksum: Checksum | undefined): Op => ({
  kind: 'source',
  cacheKey: () => undefined,
  async run(_inputs, { worker, signal, onEnd }: OpContext) {
    const parent = join(worker.scratch, 'downloads')
    await mkdir(parent, { recursive: true })
    const path = await mkdtemp(join(parent, 'http-'))
    onEnd(() => rm(path, { recursive: true, force: true }))
    await fetchFile(url, join(path, name), checksum, signal)
    return [{ kind: 'files', source: { kind: 'directory', path }, ignore: [] }]
  },
})

/** A file from the web, as a directory that holds just it. */
export const download = (
  url: string,
  checksum?: string,
  as?: string,
): { readonly edge: Edge; readonly name: string } => {
  if (!URL.canParse(url)) throw invalid(`invalid URL: ${url}`)
  const name = as ?? fileNameOf(url)
  const op = httpOp(url, name, checksum ? parseChecksum(checksum) : undefined)
  return { edge: edge({ name: `ADD ${url}`, op, inputs: [] }), name }
}
