import assert from 'node:assert/strict'
import { constants, performServerHandshake } from 'node:http2'
import { type Duplex, duplexPair, PassThrough } from 'node:stream'
import { test } from 'node:test'
import { invalid } from '@slipway/core'
import { bytesMessage } from '../messages/worker.ts'
import { Bypass } from './bypass.ts'
import { GrpcClient, type MessageSink } from './client.ts'
import { encodeFrame } from './frame.ts'
import { unary } from './method.ts'
import { serveGrpc } from './server.ts'

const { signal } = new AbortController()

/** Messages of all sizes about the borders of frames, windows and reads, each of other bytes. */
const sizes = [0, 1, 4, 5, 100, 16_379, 16_380, 16_384, 40_000, 65_536, 300_000, 5 << 20]
const messageOf = (size: number, number: number): Buffer => Buffer.alloc(size, number + 1)
const all = [...sizes, ...sizes.toReversed()].map(messageOf)

const paths = {
  many: '/test.Test/Many',
  echo: '/test.Test/Echo',
  endless: '/test.Test/Endless',
  fails: '/test.Test/Fails',
}

const methods: Parameters<typeof serveGrpc>[1] = {
  async *[paths.many]() {
    yield* all
  },
  [paths.echo]: unary(bytesMessage, bytesMessage, async (message) => message),
  async *[paths.endless]() {
    for (;;) yield Buffer.alloc(10_000)
  },
  async *[paths.fails]() {
    yield messageOf(10, 0)
    throw invalid('there is no more')
  },
}

const open = (): GrpcClient => {
  const [ours, theirs] = duplexPair()
  void serveGrpc(theirs, methods)
  return new GrpcClient(ours)
}

const echo = (client: GrpcClient, text: string): Promise<string> =>
  client
    .unary(paths.echo, { request: bytesMessage, response: bytesMessage }, { data: Buffer.from(text) }, signal)
    .then(({ data }) => Buffer.from(data).toString())

/** Keeps all that comes, as long as the peer may send. */
const gather = (wait?: () => Promise<void>): MessageSink & { readonly messages: Buffer[] } => {
  const messages: Buffer[] = []
  return {
    messages,
    message(bytes, start, end) {
      messages.push(Buffer.from(bytes.subarray(start, end)))
      return wait?.()
    },
    idle: () => undefined,
  }
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('messages of all sizes come whole and in order, several calls at once, and the other calls with them', async () => {
  using client = open()
  const sinks = [gather(), gather(tick), gather()]
  const received = sinks.map((sink) => client.open(paths.many, signal).receive(sink))
  assert.equal(await echo(client, 'beside it'), 'beside it')
  await Promise.all(received)
  for (const { messages } of sinks) assert.ok(Buffer.concat(messages).equals(Buffer.concat(all)))
  for (const { messages } of sinks)
    assert.deepEqual(
      messages.map(({ length }) => length),
      all.map(({ length }) => length),
    )
  assert.equal(await echo(client, 'after it'), 'after it')
})

test('a peer waits for who takes what it sends', async () => {
  using client = open()
  const gate = Promise.withResolvers<void>()
  let bytes = 0
  const stop = new AbortController()
  const sink: MessageSink = {
    message(_bytes, start, end) {
      bytes += end - start
      return gate.promise
    },
    idle: () => undefined,
  }
  const received = client.open(paths.endless, stop.signal).receive(sink)
  // The connection still works: what is taken out has a window of its own, and doesn't use up the whole connection's.
  let before = -1
  while (before !== bytes) {
    before = bytes
    for (let turn = 0; turn < 50; turn += 1) await tick()
  }
  assert.ok(bytes > 1 << 20 && bytes <= 4 << 20, `${bytes}`)
  gate.resolve()
  while (bytes < 16 << 20) await tick()
  stop.abort()
  await assert.rejects(received, { name: 'AbortError' })
  assert.equal(await echo(client, 'still here'), 'still here')
})

test('what the sink throws ends the call, and gives back what it held of the connection’s window', async () => {
  using client = open()
  for (let round = 0; round < 20; round += 1) {
    const sink: MessageSink = {
      message: () => undefined,
      idle() {
        throw new Error('no, thank you')
      },
    }
    await assert.rejects(client.open(paths.endless, signal).receive(sink), /no, thank you/)
    const refusing: MessageSink = { message: () => Promise.reject(new Error('too late')), idle: () => undefined }
    await assert.rejects(client.open(paths.endless, signal).receive(refusing), /too late/)
  }
  const sink = gather()
  await client.open(paths.many, signal).receive(sink)
  assert.equal(sink.messages.length, all.length)
})

test('the peer’s error is told behind what it has sent', async () => {
  using client = open()
  const sink = gather()
  await assert.rejects(client.open(paths.fails, signal).receive(sink), /there is no more/)
  assert.equal(sink.messages.length, 1)
})

test('a peer that goes away is told', async () => {
  const [ours, theirs] = duplexPair()
  void serveGrpc(theirs, methods)
  using client = new GrpcClient(ours)
  const sink: MessageSink = { message: () => void theirs.destroy(), idle: () => undefined }
  await assert.rejects(client.open(paths.endless, signal).receive(sink), /the client went away/)
})

test('padding is taken off, and data may end a stream', async () => {
  const [ours, theirs] = duplexPair()
  const session = performServerHandshake(theirs, { paddingStrategy: constants.PADDING_STRATEGY_MAX })
  session.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'grpc-status': '0' })
    for (const message of all) stream.write(encodeFrame(message))
    stream.end()
  })
  using client = new GrpcClient(ours)
  const sink = gather()
  await client.open(paths.many, signal).receive(sink)
  assert.ok(Buffer.concat(sink.messages).equals(Buffer.concat(all)))
})

/** A DATA frame of stream 1. */
const dataFrame = (body: Buffer, flags = 0): Buffer => {
  const head = Buffer.alloc(9)
  head.writeUIntBE(body.length, 0, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(1, 5)
  return Buffer.concat([head, body])
}

/** `wait`: what is taken is never done with. */
const diverted = (
  window: number,
  { wait = false } = {},
): { readonly bypass: Bypass; readonly ours: Duplex; readonly peer: Duplex; readonly taken: Buffer[] } => {
  const [ours, peer] = duplexPair()
  const bypass = new Bypass({ socket: ours, listen: (take) => void ours.on('data', take) }, window)
  const taken: Buffer[] = []
  bypass.divert(1, {
    data: (bytes, start, end) => void taken.push(Buffer.from(bytes.subarray(start, end))),
    idle: () => (wait ? Promise.withResolvers<void>().promise : undefined),
  })
  return { bypass, ours, peer, taken }
}

const failureOf = ({ bypass }: { readonly bypass: Bypass }): Promise<Error> =>
  new Promise((resolve) => bypass.once('error', resolve))

test('frames may be cut anywhere', async () => {
  const bytes = Buffer.concat([
    dataFrame(Buffer.from('first')),
    dataFrame(Buffer.from('\x03second\0\0\0'), 0x8),
    dataFrame(Buffer.from('\x02\0\0'), 0x8),
    dataFrame(Buffer.from('third'), 0x1),
  ])
  for (let size = 1; size <= bytes.length; size += 1) {
    const { bypass, peer, taken } = diverted(1000)
    const passed = bypass.pipe(new PassThrough())
    for (let at = 0; at < bytes.length; at += size) {
      peer.write(bytes.subarray(at, at + size))
      await tick()
    }
    assert.equal(Buffer.concat(taken).toString(), 'firstsecondthird')
    assert.deepEqual(passed.read(), dataFrame(Buffer.alloc(0), 0x1))
    bypass.destroy()
  }
})

test('a peer that sends more than it may, or more padding than there is, loses the connection', async () => {
  const eager = diverted(1000, { wait: true })
  const failed = failureOf(eager)
  for (let count = 0; count < 3; count += 1) eager.peer.write(dataFrame(Buffer.alloc(999)))
  assert.equal((await failed).message, 'the peer sent more than it was allowed to')
  const padding = diverted(1000)
  padding.peer.write(dataFrame(Buffer.from('\x09short'), 0x8))
  assert.equal((await failureOf(padding)).message, 'the peer sent a frame with more padding than it holds')
})

test('who writes little at a time is left alone now and then, until it is told something', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { bypass, ours, peer, taken } = diverted(1 << 20)
  t.after(() => bypass.destroy())
  bypass.resume()
  const send = async (size: number, times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) {
      peer.write(dataFrame(Buffer.alloc(size)))
      await tick()
    }
  }
  await send(2000, 200)
  assert.equal(taken.length, 200)
  await send(10, 100)
  assert.ok(ours.isPaused() && taken.length < 300)
  while (taken.length < 300) {
    t.mock.timers.runAll()
    await tick()
  }
  assert.ok(ours.isPaused())
  bypass.write(Buffer.alloc(24))
  assert.ok(!ours.isPaused())
  await send(10, 50)
  assert.equal(taken.length, 350)
})
