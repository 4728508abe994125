import { closeSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createLimiter, SlipwayError } from '@slipway/core'
import { duplicate, sendFile } from '@slipway/linux'
import type { Part } from './body.ts'
import type { ClosedRange } from './range.ts'

/** Bytes that go Node's own way: at first, so that small blobs need nothing else, and whenever the connection may be full. */
const firstPiece = 64 << 10
const nextPiece = 16 << 10
/** At most so much in one call: no thread is another download's for longer than some milliseconds. */
const longest = 8 << 20

/** libuv has four threads, and other work for them too. */
const limit = createLimiter(3)

/** What went to a connection besides what Node knows of. */
const sentAside = new WeakMap<Socket, number>()

/** Bytes that were sent on a connection, from files and by Node. */
export const bytesSentOn = (socket: Socket): number => socket.bytesWritten + (sentAside.get(socket) ?? 0)

/**
 * The number of the response's connection, if what is put there reaches the client as it is: not through TLS, and not before
 * the answers that a pipelining client is owed first.
 */
const descriptorOf = ({ socket }: ServerResponse): number | undefined => {
  if (socket === null || 'encrypted' in socket) return undefined
  // Node tells it nowhere else.
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null }
  return typeof handle?.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined
}

const goneAway = (): SlipwayError => new SlipwayError('cancelled', 'the client went away in the middle of a blob')

/** Returns once the kernel has taken the bytes, and all that went before: until then the connection is full. */
const write = (response: ServerResponse, bytes: Uint8Array | string): Promise<void> =>
  new Promise((resolve, reject) => {
    const gone = (): void => reject(goneAway())
    if (response.destroyed) return gone()
    response.once('close', gone)
    response.write(bytes, (error) => {
      response.off('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })

interface Sending {
  readonly response: ServerResponse
  readonly file: FileHandle
  /** Our own descriptor of the connection. */
  readonly connection: number
  readonly buffer: Buffer
}

const sendRange = async (
  { response, file, connection, buffer }: Sending,
  { start, end }: ClosedRange,
): Promise<void> => {
  for (let at = start, piece = firstPiece; at <= end; piece = nextPiece) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(piece, end + 1 - at), at)
    if (bytesRead === 0) throw new SlipwayError('internal', `a blob's file ends at ${at}`)
    await write(response, buffer.subarray(0, bytesRead))
    at += bytesRead
    if (at > end) return
    const rest = { start: at, length: Math.min(longest, end + 1 - at) }
    const sent = (await limit(() => sendFile(connection, file.fd, rest))) ?? 0
    at += sent
    if (response.socket === null || response.destroyed) throw goneAway()
    sentAside.set(response.socket, (sentAside.get(response.socket) ?? 0) + sent)
  }
}

/**
 * Sends parts of a file as the body of a response, from the page cache to the connection: the bytes don't come into this
 * process. False, and nothing is sent, where the connection is not one that this can be done with.
 *
 * In turns: a small piece by Node, which waits until there is room, then by sendfile(2) as much as the connection takes. So
 * nobody looks again and again whether there is room, slow clients occupy no thread, and Node sees that the connection lives.
 */
export const sendFileParts = async (
  response: ServerResponse,
  file: FileHandle,
  parts: readonly Part[],
): Promise<boolean> => {
  const descriptor = descriptorOf(response)
  if (descriptor === undefined) return false
  // Whoever destroys the connection meanwhile gives its number free for the next client's; ours stays ours.
  const connection = duplicate(descriptor)
  try {
    const sending = { response, file, connection, buffer: Buffer.allocUnsafe(firstPiece) }
    for (const part of parts) {
      if (typeof part === 'string') await write(response, part)
      else await sendRange(sending, part)
    }
    response.end()
  } finally {
    closeSync(connection)
  }
  return true
}
