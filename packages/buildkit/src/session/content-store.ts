import { type ByteRange, type Bytes, type Digest, hasCode, invalid, SlipwayError } from '@slipway/core'
import { infoRequest, infoResponse, readRequest, readResponse, writeAction, writeRequest } from '../messages/content.ts'
import { sessionMethods } from '../messages/session.ts'
import type { ClientSession } from './session.ts'

/** Says in which of its stores a client is to look. */
const header = 'buildkit-attachable-store-id'

const checkOffer = (session: ClientSession): void => {
  if (!session.offers(sessionMethods.readContent)) throw invalid('the client offers no content store in its session')
}

/** How many bytes a blob of the client's store has. Throws not-found. */
export const contentSize = async (
  session: ClientSession,
  store: string,
  digest: Digest,
  signal: AbortSignal,
): Promise<number> => {
  checkOffer(session)
  const codecs = { request: infoRequest, response: infoResponse }
  const { info } = await session.client.unary(sessionMethods.contentInfo, codecs, { digest }, signal, {
    [header]: store,
  })
  const size = Number(info?.size ?? 0)
  if (!Number.isSafeInteger(size) || size < 0) throw invalid(`the client says that ${digest} has ${size} bytes`)
  return size
}

/** The bytes of a blob, or a part of them; not verified. Throws not-found, and invalid for more or less than was asked for. */
export async function* readContent(
  session: ClientSession,
  store: string,
  { digest, range }: { readonly digest: Digest; readonly range: Required<ByteRange> },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  checkOffer(session)
  const { start, end } = range
  if (end <= start) return
  const conversation = session.client.open(sessionMethods.readContent, signal, { [header]: store })
  await conversation.send(readRequest.encode({ digest, offset: start, size: end - start }))
  conversation.finish()
  let at = start
  for await (const message of conversation.messages) {
    const { offset, data } = readResponse.decode(message)
    if (Number(offset) !== at || data.length > end - at)
      throw invalid(`the client sent other bytes of ${digest} than asked for`)
    at += data.length
    yield data
  }
  if (at !== end) throw new SlipwayError('unavailable', `the client sent only ${at - start} bytes of ${digest}`)
}

/** How much of a blob goes into one message: a Go server takes no more than 4 MiB unless it says so. */
const pieceBytes = 1 << 20

async function* piecesOf(bytes: Bytes): AsyncGenerator<Uint8Array, void, void> {
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length; at += pieceBytes) yield piece.subarray(at, at + pieceBytes)
  }
}

/** Writes a blob into a client's store, which verifies it. One that is there already stays. */
export const writeContent = async (
  session: ClientSession,
  store: string,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  bytes: Bytes,
  signal: AbortSignal,
): Promise<void> => {
  if (!session.offers(sessionMethods.writeContent)) throw invalid('the client takes no blobs in its session')
  const failing = new AbortController()
  const conversation = session.client.open(sessionMethods.writeContent, AbortSignal.any([signal, failing.signal]), {
    [header]: store,
  })
  // Each message is answered; all that counts is how it ends.
  const read = async (): Promise<void> => {
    for await (const _ of conversation.messages);
  }
  const answered = read()
  answered.catch(() => undefined)
  try {
    let offset = 0
    const ref = `slipway-${digest}`
    const whole = { ref, total: size, expected: digest }
    for await (const data of piecesOf(bytes)) {
      await conversation.send(writeRequest.encode({ ...whole, action: writeAction.write, offset, data }))
      offset += data.length
    }
    await conversation.send(writeRequest.encode({ ...whole, action: writeAction.commit, offset }))
    conversation.finish()
  } catch (error) {
    failing.abort(error)
    throw error
  }
  await answered.catch((error: unknown) => {
    if (!hasCode(error, 'already-exists')) throw error
  })
}
