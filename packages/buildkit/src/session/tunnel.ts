import { Duplex, PassThrough } from 'node:stream'
import type { Call } from '../grpc/method.ts'
import { bytesMessage } from '../messages/worker.ts'
import { type Sessions, sessionFacts } from './session.ts'

/** A connection whose bytes come in messages, and go out by `outgoing`. */
const connectionOf = (messages: AsyncIterator<Uint8Array>, outgoing: PassThrough): Duplex => {
  const nextData = async (): Promise<Uint8Array | null> => {
    for (;;) {
      const { done, value } = await messages.next()
      if (done === true) return null
      const { data } = bytesMessage.decode(value)
      if (data.length > 0) return data
    }
  }
  return new Duplex({
    read() {
      nextData().then(
        (data) => this.push(data),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      )
    },
    write(chunk: Buffer, _encoding, done) {
      if (outgoing.write(chunk)) done()
      else outgoing.once('drain', done)
    },
    final(done) {
      outgoing.end()
      done()
    },
    destroy(error, done) {
      outgoing.end()
      done(error)
    },
  })
}

/** Control/Session: a session whose connection runs through the messages of a call, for clients that can't hijack a request. */
export async function* acceptTunnel(
  sessions: Sessions,
  messages: AsyncIterable<Uint8Array>,
  { metadata, signal }: Call,
): AsyncGenerator<Uint8Array> {
  const facts = sessionFacts(metadata)
  const outgoing = new PassThrough()
  const socket = connectionOf(messages[Symbol.asyncIterator](), outgoing)
  socket.on('error', () => undefined)
  signal.addEventListener('abort', () => socket.destroy(), { once: true })
  using _session = sessions.add(socket, facts)
  for await (const data of outgoing as AsyncIterable<Buffer>) yield bytesMessage.encode({ data })
}
