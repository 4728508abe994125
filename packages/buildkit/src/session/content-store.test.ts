import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { digestOf, hasCode, notFound } from '@slipway/core'
import { streaming, unary } from '../grpc/method.ts'
import { serveGrpc } from '../grpc/server.ts'
import { infoRequest, infoResponse, readRequest, readResponse } from '../messages/content.ts'
import { sessionMethods } from '../messages/session.ts'
import { contentSize, readContent } from './content-store.ts'
import { ClientSession } from './session.ts'

const blob = Buffer.from('0123456789')
const digest = digestOf(blob)
const signal = new AbortController().signal

/** A client with one store, `oci:here`, that holds one blob; `lie` changes the pieces in which it is sent. */
const openClient = (lie: (pieces: readonly { offset: number; data: Buffer }[]) => typeof pieces = (all) => all) => {
  const [ours, theirs] = duplexPair()
  const check = (store: readonly string[] | undefined, asked: string): void => {
    if (store?.[0] !== 'oci:here' || asked !== digest) throw notFound('blob', asked)
  }
  const header = 'buildkit-attachable-store-id'
  serveGrpc(theirs, {
    [sessionMethods.contentInfo]: unary(infoRequest, infoResponse, async (request, { metadata }) => {
      check(metadata[header], request.digest)
      return { info: { digest, size: blob.length } }
    }),
    [sessionMethods.readContent]: streaming(readRequest, readResponse, async function* (request, { metadata }) {
      check(metadata[header], request.digest)
      const [start, middle, end] = [
        Number(request.offset),
        Number(request.offset) + 2,
        Number(request.offset) + Number(request.size),
      ]
      yield* lie([
        { offset: start, data: blob.subarray(start, middle) },
        { offset: middle, data: blob.subarray(middle, end) },
      ])
    }),
  })
  const methods = [sessionMethods.contentInfo, sessionMethods.readContent]
  return new ClientSession(ours, { id: 'client', sharedKey: '', methods })
}

const read = async (session: ClientSession, start: number, end: number, store = 'oci:here'): Promise<string> =>
  Buffer.concat(
    await Array.fromAsync(readContent(session, store, { digest, range: { start, end } }, signal)),
  ).toString()

test('a blob of the client’s store is read whole and in part', async () => {
  using session = openClient()
  assert.equal(await contentSize(session, 'oci:here', digest, signal), 10)
  assert.equal(await read(session, 0, 10), '0123456789')
  assert.equal(await read(session, 3, 7), '3456')
  assert.equal(await read(session, 4, 4), '')
})

test('what the client has not is not found', async () => {
  using session = openClient()
  const isMissing = (error: unknown): boolean => hasCode(error, 'not-found')
  await assert.rejects(contentSize(session, 'oci:elsewhere', digest, signal), isMissing)
  await assert.rejects(contentSize(session, 'oci:here', digestOf('other'), signal), isMissing)
  await assert.rejects(read(session, 0, 10, 'oci:elsewhere'), isMissing)
})

test('a client that sends less, more, or something else is refused', async () => {
  using less = openClient(([first]) => (first === undefined ? [] : [first]))
  await assert.rejects(read(less, 0, 10), /sent only 2 bytes/)
  using more = openClient((pieces) => [...pieces, { offset: 10, data: blob }])
  await assert.rejects(read(more, 0, 10), /other bytes/)
  using elsewhere = openClient((pieces) => pieces.toReversed())
  await assert.rejects(read(elsewhere, 0, 10), /other bytes/)
})

test('a client that offers no store is told so', async () => {
  const [ours] = duplexPair()
  using session = new ClientSession(ours, { id: 'client', sharedKey: '', methods: [] })
  await assert.rejects(contentSize(session, 'oci:here', digest, signal), /offers no content store/)
})
