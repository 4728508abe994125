import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { openBoundSocket, withNetns } from '@slipway/linux'
import { inOwnNetns } from '../testing/own-netns.ts'
import { openTwoHosts, type TwoHosts } from '../testing/two-hosts.ts'
import type { Upstream } from './forward.ts'
import { encodeAnswer, encodeFailure, parseQuery, rcode, rcodeOf } from './message.ts'
import { NameService } from './service.ts'

const queryFor = (name: string, id = 7): Buffer => {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]))
  const head = Buffer.of(id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0)
  return Buffer.concat([head, ...labels, Buffer.of(0, 0, 1, 0, 1)])
}

/** The addresses in an answer of A records, or the rcode. */
const read = (answer: Buffer): readonly string[] | number => {
  if (rcodeOf(answer) !== rcode.ok) return rcodeOf(answer)
  const parsed = parseQuery(Buffer.concat([answer.subarray(0, 2), Buffer.of(1, 0), answer.subarray(4)]))
  assert.ok(parsed !== undefined && 'query' in parsed)
  const { end } = parsed.query
  return Array.from({ length: answer.readUInt16BE(6) }, (_, index) => {
    const at = end + index * 16 + 12
    return answer.subarray(at, at + 4).join('.')
  })
}

/** Sends a datagram to 127.0.0.11:53 in a namespace. */
const ask = async (netns: string, message: Buffer): Promise<Buffer> => {
  const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) })
  socket.bind({ fd: withNetns(netns, () => openBoundSocket({ kind: 'udp', address: '0.0.0.0', port: 0 })) })
  try {
    socket.send(message, 53, '127.0.0.11')
    const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(60_000) })
    return answer
  } finally {
    socket.close()
  }
}

const resolve = async (netns: string, name: string) => read(await ask(netns, queryFor(name)))

/** A name server on the host that knows what `answer` says. */
const upstream = async (port: number, answer: (message: Buffer) => Buffer | undefined): Promise<Socket> => {
  const socket = createSocket('udp4')
  socket.on('message', (message, from) => {
    const reply = answer(message)
    if (reply !== undefined) socket.send(reply, from.port, from.address)
  })
  socket.bind(port, '127.0.0.1')
  await once(socket, 'listening')
  return socket
}

const knows = (address: string) => (message: Buffer) => {
  const parsed = parseQuery(message)
  if (parsed === undefined || !('query' in parsed)) return undefined
  return encodeAnswer(message, parsed.query, [{ type: 1, address }], { limit: 512, ttl: 60 })
}

const fails = (message: Buffer) => {
  const parsed = parseQuery(message)
  return parsed && 'query' in parsed ? encodeFailure(message, rcode.failure, parsed.query) : undefined
}

const local = (port: number): Upstream => ({ address: '127.0.0.1', port })

interface World extends TwoHosts {
  readonly service: NameService
  /** The namespaces of two containers, a and b, on networks of these names. */
  readonly a: string
  readonly b: string
}

const openWorld = async (servers: readonly Upstream[] = []): Promise<World> => {
  await using stack = new AsyncDisposableStack()
  const hosts = stack.use(await openTwoHosts())
  const service = stack.use(await NameService.start())
  const [a, b] = [`${hosts.directory}/a`, `${hosts.directory}/b`]
  for (const [name, netns] of Object.entries({ a, b })) {
    await hosts.thread.createNetns(netns)
    stack.defer(() => hosts.thread.deleteNetns(netns))
    service.announce({
      networkId: name,
      networkName: name,
      containerId: name,
      names: [name],
      addresses: [`10.0.0.${name === 'a' ? 1 : 2}`],
    })
    await service.serve({ containerId: name, netns, view: { networks: [name], links: {} }, servers })
  }
  const kept = stack.move()
  return { ...hosts, service, a, b, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

inOwnNetns(import.meta.url, () => {
  test('each container asks at 127.0.0.11 and sees its own network only, while it serves port 53 itself', async () => {
    await using world = await openWorld()
    const busy = createSocket('udp4')
    busy.bind({ fd: withNetns(world.a, () => openBoundSocket({ kind: 'udp', address: '0.0.0.0', port: 53 })) })
    assert.deepEqual(await resolve(world.a, 'a'), ['10.0.0.1'])
    assert.deepEqual(await resolve(world.b, 'b'), ['10.0.0.2'])
    assert.equal(await resolve(world.a, 'b'), rcode.failure, 'another network, and nobody else to ask')
    busy.close()
  })

  test('what changes is known to the next question', async () => {
    await using world = await openWorld()
    const { service, a: netns } = world
    service.announce({ networkId: 'b', networkName: 'b', containerId: 'c', names: ['c'], addresses: ['10.0.0.3'] })
    const asked = { containerId: 'a', netns, view: { networks: ['a', 'b'], links: { other: 'c' } }, servers: [] }
    await service.serve(asked)
    assert.deepEqual(await resolve(netns, 'other'), ['10.0.0.3'])
    service.withdraw('b', 'c')
    // It answers what it is told in order, so by now the thread knows; a question alone could come before the news.
    await service.serve(asked)
    assert.equal(await resolve(netns, 'c'), rcode.failure)
  })

  test('other names are asked for elsewhere: servers that fail, are silent or not there are stepped over', async () => {
    const sockets = [
      await upstream(5301, fails),
      await upstream(5302, () => undefined),
      await upstream(5303, knows('192.0.2.7')),
    ]
    try {
      await using world = await openWorld([local(5301), local(5302), local(5303)])
      assert.deepEqual(await resolve(world.a, 'example.com'), ['192.0.2.7'])
      const { service, a: netns } = world
      const view = { networks: ['a'], links: {} }
      await service.serve({ containerId: 'a', netns, view, servers: [local(5399), local(5301)] })
      const answer = await ask(netns, queryFor('example.com', 0x1234))
      assert.equal(read(answer), rcode.failure)
      assert.equal(answer.readUInt16BE(0), 0x1234)
    } finally {
      for (const socket of sockets) socket.close()
    }
  })

  test('a server that answers to something else is not believed', async () => {
    const socket = await upstream(5304, (message) =>
      knows('192.0.2.66')(Buffer.concat([Buffer.of(0, 0), message.subarray(2)])),
    )
    try {
      await using world = await openWorld([local(5304)])
      assert.equal(await resolve(world.a, 'example.com'), rcode.failure)
    } finally {
      socket.close()
    }
  })

  test('TCP: several questions on one connection, in pieces', async () => {
    await using world = await openWorld()
    const bytes = Buffer.concat(
      [queryFor('a', 1), queryFor('a', 2)].flatMap((query) => [Buffer.of(0, query.length), query]),
    )
    // Each answer is its question and an address.
    const script = `exec 3<>/dev/tcp/127.0.0.11/53; printf '%b' "$1" >&3; sleep 0.1; printf '%b' "$2" >&3; timeout 60 head -c ${bytes.length + 2 * 16} <&3 | od -An -tx1 -v`
    const escaped = (part: Buffer) => [...part].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
    const args = [
      `--net=${world.a}`,
      'bash',
      '-c',
      script,
      'bash',
      escaped(bytes.subarray(0, 9)),
      escaped(bytes.subarray(9)),
    ]
    const child = spawn('nsenter', args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const answer = Buffer.from((await text(child.stdout)).replaceAll(/\s/g, ''), 'hex')
    const length = answer.readUInt16BE(0)
    assert.deepEqual(read(answer.subarray(2, 2 + length)), ['10.0.0.1'])
    assert.equal(answer.readUInt16BE(2 + length + 2), 2, 'the second answer')
  })

  test('nonsense is answered with an error or not at all, and nobody else notices', async () => {
    await using world = await openWorld()
    const twoQuestions = queryFor('a')
    twoQuestions[5] = 2
    assert.equal(rcodeOf(await ask(world.a, twoQuestions)), rcode.malformed)
    const socket = createSocket({ type: 'udp4', lookup: (host, _, done) => done(null, host, 4) })
    socket.bind({ fd: withNetns(world.a, () => openBoundSocket({ kind: 'udp', address: '0.0.0.0', port: 0 })) })
    for (const bytes of [Buffer.of(0), Buffer.alloc(12), Buffer.alloc(9000, 0xff)]) socket.send(bytes, 53, '127.0.0.11')
    assert.deepEqual(await resolve(world.a, 'a'), ['10.0.0.1'])
    socket.close()
  })

  test('another daemon takes a container over, and one that is stopped is refused', async () => {
    await using world = await openWorld()
    await using second = await NameService.start()
    second.announce({ networkId: 'a', networkName: 'a', containerId: 'a', names: ['new'], addresses: ['10.0.0.9'] })
    await second.serve({ containerId: 'a', netns: world.a, view: { networks: ['a'], links: {} }, servers: [] })
    assert.deepEqual(await resolve(world.a, 'new'), ['10.0.0.9'])
    second.stop('a')
    await assert.rejects(
      second.serve({ containerId: 'x', netns: '/nowhere', view: { networks: [], links: {} }, servers: [] }),
      {
        message: /the name server could not be set up: ENOENT/,
      },
    )
  })
})
