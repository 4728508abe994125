import type { Readable } from 'node:stream'
import { invalid, messageOf, SlipwayError } from '@slipway/core'
import type { ApiRequest } from './route.ts'
import { readShape, type Shape } from './shape.ts'

const defaultLimit = 4 << 20

const tooLarge = (limit: number): SlipwayError =>
  new SlipwayError('too-large', `request body is larger than ${limit} bytes`)

const declaredLength = (request: ApiRequest): number => Number(request.raw.headers['content-length'] ?? 0)

/**
 * The body of a request that asked for an upgrade: Node 24 leaves it in `head` and on the socket, Node 26 in the request.
 * What lies behind it (the first bytes of stdin) goes back onto the socket.
 */
const readUpgradedBody = async (request: ApiRequest, limit: number): Promise<Buffer> => {
  const { socket, head } = request.upgraded ?? {}
  const length = declaredLength(request)
  if (length > limit) throw tooLarge(limit)
  if (socket === undefined || head === undefined || length === 0) return Buffer.alloc(0)
  if (request.raw.readableLength >= length) return request.raw.read(length) as Buffer
  let bytes: Buffer = (socket.read() as Buffer | null) ?? Buffer.alloc(0)
  while (bytes.length < length) {
    if (socket.readableEnded || socket.destroyed) throw invalid('request body ended early')
    await new Promise<void>((resolve) => {
      socket.once('readable', resolve)
      socket.once('close', resolve)
    })
    bytes = Buffer.concat([bytes, (socket.read() as Buffer | null) ?? Buffer.alloc(0)])
  }
  if (bytes.length > length) socket.unshift(bytes.subarray(length))
  return bytes.subarray(0, length)
}

export interface BodyLimits {
  /** Bytes; default 4 MiB. */
  readonly limit?: number
  /** How long it may take until all of it is there; default: for ever. */
  readonly withinMs?: number | undefined
}

/** Told to whoever sends so slowly; its detail says `isTooSlow`. */
const tooSlow = (): SlipwayError =>
  new SlipwayError('invalid', 'the request did not come to its end in time', { detail: { isTooSlow: true } })

const firstRoom = 64 << 10

/** In one piece that grows: in thousands of small ones a body would need many times its size. */
const append = (all: Buffer, length: number, chunk: Uint8Array): Buffer => {
  const needed = length + chunk.length
  const grown = needed <= all.length ? all : Buffer.alloc(Math.max(2 * all.length, needed, firstRoom))
  if (grown !== all) grown.set(all.subarray(0, length))
  grown.set(chunk, length)
  return grown
}

/**
 * The whole body, in memory. Throws too-large above the limit, and invalid when a byte comes that is too late: whoever sends
 * none at all is the server's to send away (its time-out).
 */
export const readBody = async (request: ApiRequest, options: BodyLimits = {}): Promise<Buffer> => {
  const limit = options.limit ?? defaultLimit
  if (request.upgraded) return readUpgradedBody(request, limit)
  if (declaredLength(request) > limit) throw tooLarge(limit)
  const end = performance.now() + (options.withinMs ?? Number.POSITIVE_INFINITY)
  let bytes: Buffer = Buffer.alloc(0)
  let length = 0
  // The request must outlive a refusal, or the answer can't reach the client.
  const body = (request.raw as Readable).iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>
  for await (const chunk of body) {
    if (performance.now() > end) throw tooSlow()
    if (length + chunk.length > limit) throw tooLarge(limit)
    bytes = append(bytes, length, chunk)
    length += chunk.length
  }
  return bytes.subarray(0, length)
}

/** V8's words of where it stumbled, and Go's. */
const places: Readonly<Record<string, string>> = {
  'Expected property name': 'looking for beginning of object key string',
  'Expected double-quoted property name': 'looking for beginning of object key string',
  "Expected ':' after property name": 'after object key',
  "Expected ',' or '}'": 'after object key:value pair',
  "Expected ',' or ']'": 'after array element',
}

const escapeQuote = (character: string): string => (character === "'" ? "\\'" : character)

/** What Go's decoder says of a text that is no JSON, as closely as V8's own words tell. */
const syntaxError = (text: string, what: string, cause: unknown): SlipwayError => {
  const message = messageOf(cause)
  const position = Number(/at position (\d+)/.exec(message)?.[1] ?? Number.NaN)
  if (message.includes('non-whitespace character after JSON')) return invalid('unexpected content after JSON', cause)
  if (position >= text.trimEnd().length || message.includes('end of JSON')) {
    return invalid(`${what}: unexpected EOF`, cause)
  }
  const [, place] = Object.entries(places).find(([words]) => message.includes(words)) ?? []
  const character = Number.isNaN(position) ? /Unexpected token '(.)'/su.exec(message)?.[1] : text[position]
  return invalid(
    `${what}: invalid character '${escapeQuote(character ?? '?')}' ${place ?? 'looking for beginning of value'}`,
    cause,
  )
}

/** Throws invalid, in the words of Go's decoder with `what` before them. */
export const readJsonText = (text: string, what = 'invalid JSON'): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw syntaxError(text, what, cause)
  }
}

/** What `readJson` says of a body when it must be of a certain shape. */
export interface BodyShape<T> {
  readonly shape: Shape<T>
  /** What dockerd calls the body's type in its refusals. */
  readonly name?: string
}

/** The body as JSON; `undefined` when there is none. Throws invalid on a wrong Content-Type or broken JSON. */
export const readJsonValue = async (request: ApiRequest, options: BodyLimits = {}): Promise<unknown> => {
  const bytes = await readBody(request, options)
  if (bytes.length === 0) return undefined
  const type = request.raw.headers['content-type'] ?? ''
  if (type.split(';')[0]?.trim().toLowerCase() !== 'application/json') {
    throw invalid(`unsupported Content-Type header (${type.slice(0, 80)}): must be 'application/json'`)
  }
  return readJsonText(bytes.toString('utf8'))
}

/**
 * The body as JSON of a shape; `undefined` when there is none. Throws invalid on a wrong Content-Type, broken JSON or
 * another shape, in dockerd's words.
 */
export const readJson = async <T>(
  request: ApiRequest,
  { shape, name }: BodyShape<T>,
  options: BodyLimits = {},
): Promise<T | undefined> => {
  const value = await readJsonValue(request, options)
  return value === undefined ? undefined : readShape(shape, value, name)
}
