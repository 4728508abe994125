import { once } from 'node:events'
import { constants, performServerHandshake, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { SlipwayError } from '@slipway/core'
import { encodeFrame, encodeFrames, readBatches } from './frame.ts'
import type { Call, Incoming, Method, Methods } from './method.ts'
import { GrpcError, grpcCode, statusOf, trailersOf } from './status.ts'

/** As BuildKit's own server. */
const mostMessageBytes = 16 << 20
const windowBytes = 4 << 20
/** An error can have a whole Dockerfile in its details, which are a trailer. Go's clients take 16 MiB. */
const mostTrailerBytes = 15 << 20

/** By name, every value on its own: Node would join them, and a method's name may hold anything. */
const metadataOf = (raw: readonly string[]): Call['metadata'] => {
  const metadata: Record<string, readonly string[]> = {}
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    if (name.startsWith(':')) continue
    const key = name.toLowerCase()
    metadata[key] = [...(metadata[key] ?? []), value]
  }
  return metadata
}

const respond = (stream: ServerHttp2Stream): void =>
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })

const incoming = (stream: ServerHttp2Stream): Incoming => {
  const batches = readBatches(stream, mostMessageBytes)
  async function* oneByOne(): AsyncGenerator<Uint8Array> {
    for await (const messages of batches) yield* messages
  }
  const messages = oneByOne()
  return { batches, [Symbol.asyncIterator]: () => messages }
}

/** The answer's messages, as fast as the client takes them, and its end. */
const answer = async (stream: ServerHttp2Stream, handle: () => ReturnType<Method>, signal: AbortSignal) => {
  let failure: GrpcError | undefined
  stream.once('wantTrailers', () => stream.sendTrailers(trailersOf(failure)))
  try {
    for await (const message of handle()) {
      if (!stream.headersSent) respond(stream)
      const frames = message instanceof Uint8Array ? encodeFrame(message) : encodeFrames(message)
      if (!stream.write(frames)) await once(stream, 'drain', { signal })
    }
  } catch (error) {
    failure = statusOf(error)
  }
  if (stream.destroyed) return
  if (!stream.headersSent) respond(stream)
  stream.end()
}

const serveStream = async (
  methods: Methods,
  stream: ServerHttp2Stream,
  { path, raw }: { readonly path: string; readonly raw: readonly string[] },
): Promise<void> => {
  const gone = new AbortController()
  stream.on('error', () => undefined)
  stream.once('close', () => {
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR || !stream.writableFinished) {
      gone.abort(new SlipwayError('cancelled', 'context canceled'))
    }
  })
  const method = Object.hasOwn(methods, path) ? methods[path] : undefined
  const handle = (): ReturnType<Method> => {
    if (method === undefined) throw new GrpcError(grpcCode.unimplemented, `unknown method ${path.slice(0, 256)}`)
    const call = { metadata: metadataOf(raw), signal: gone.signal }
    return method(incoming(stream), call)
  }
  await answer(stream, handle, gone.signal)
  // What nobody reads must not hold the connection's window.
  stream.resume()
}

/** Speaks gRPC as the server on a connection that is there already, until it ends. */
export const serveGrpc = (socket: Duplex, methods: Methods): Promise<void> => {
  const session = performServerHandshake(socket, {
    maxSendHeaderBlockLength: mostTrailerBytes,
    settings: { initialWindowSize: windowBytes, maxConcurrentStreams: 1000 },
  })
  session.on('error', () => socket.destroy())
  // Connections that left HTTP may be half open: nobody else notices that the client is gone.
  socket.once('end', () => session.destroy())
  session.on('stream', (stream, headers, _flags, raw: readonly string[]) => {
    void serveStream(methods, stream, { path: String(headers[':path']), raw })
  })
  return new Promise((resolve) =>
    session.once('close', () => {
      socket.destroy()
      resolve()
    }),
  )
}
