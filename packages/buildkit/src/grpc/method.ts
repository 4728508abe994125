import type { Codec } from '@slipway/protobuf'

/** What a handler knows of its call. */
export interface Call {
  /** The client's headers; names in small letters, repeated ones in order. */
  readonly metadata: Readonly<Record<string, readonly string[]>>
  /** Aborted when the client goes away or gives up. */
  readonly signal: AbortSignal
}

/** What the client sends. Either it is read one by one, or as `batches`. */
export interface Incoming extends AsyncIterable<Uint8Array> {
  /** As many at a time as have come. */
  readonly batches: AsyncIterable<readonly Uint8Array[]>
}

/** A served method: messages as bytes in, messages as bytes out, one at a time or many. */
export type Method = (messages: Incoming, call: Call) => AsyncIterable<Uint8Array | readonly Uint8Array[]>

export type Methods = Readonly<Record<string, Method>>

const one = async (messages: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  for await (const message of messages) return message
  return new Uint8Array()
}

/** One message for one message. */
export const unary = <Request, Response>(
  request: Codec<Request, never>,
  response: Codec<unknown, Response>,
  handle: (request: Request, call: Call) => Promise<Response>,
): Method =>
  async function* (messages, call) {
    yield response.encode(await handle(request.decode(await one(messages)), call))
  }

/** One message for any number of them. */
export const streaming = <Request, Response>(
  request: Codec<Request, never>,
  response: Codec<unknown, Response>,
  handle: (request: Request, call: Call) => AsyncIterable<Response>,
): Method =>
  async function* (messages, call) {
    for await (const item of handle(request.decode(await one(messages)), call)) yield response.encode(item)
  }
