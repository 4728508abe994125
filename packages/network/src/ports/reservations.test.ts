import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { type PortMapping, SlipwayError } from '@slipway/core'
import type { PortBinder } from './bind.ts'
import { Reservations } from './reservations.ts'

/** Ports that nothing else on the machine is likely to want while the tests run. */
const range = { first: 21000 + Math.floor(Math.random() * 400) * 20, last: 32000 }
const open = (first = range.first, last = range.last): Reservations => new Reservations({ first, last })

const mapping = (hostPort: number, more: Partial<PortMapping> = {}): PortMapping => ({
  protocol: 'tcp',
  containerPort: 80,
  hostIp: '127.0.0.1',
  hostPort,
  ...more,
})

const listen = async (): Promise<AsyncDisposable & { readonly port: number }> => {
  const server = createServer((socket) => socket.end('theirs'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('random ports are handed out in turn', async () => {
  await using reservations = open()
  const [first] = await reservations.take('a', [mapping(0)], '')
  const [second] = await reservations.take('b', [mapping(0)], '')
  assert.ok(first && second)
  assert.ok(second.hostPort > first.hostPort)
  await reservations.release('a')
  const [third] = await reservations.take('c', [mapping(0)], '')
  assert.ok(third && third.hostPort > second.hostPort, 'not the one that has just been given back')
})

test('a port that another program has is stepped over, or refused when it is asked for', async () => {
  await using theirs = await listen()
  await using reservations = open(theirs.port, theirs.port + 50)
  const [chosen] = await reservations.take('a', [mapping(0)], '')
  assert.ok(chosen && chosen.hostPort > theirs.port)
  await assert.rejects(reservations.take('b', [mapping(theirs.port)], '172.17.0.2'), {
    code: 'conflict',
    message: `failed to bind host port for 127.0.0.1:${theirs.port}:172.17.0.2:80/tcp: address already in use`,
  })
})

test('an SCTP port is bound, or refused by a kernel that has none', async () => {
  await using reservations = open()
  const wanted = mapping(range.first, { protocol: 'sctp' })
  const taking = reservations.take('a', [wanted], '172.17.0.2')
  if (readFileSync('/proc/net/protocols', 'utf8').includes('\nSCTP ')) {
    assert.deepEqual(await taking, [wanted])
    return
  }
  await assert.rejects(taking, {
    code: 'internal',
    message: `failed to bind host port for 127.0.0.1:${range.first}:172.17.0.2:80/sctp: protocol not supported`,
  })
})

test('of a range asked for the first free port is taken, and there is none beyond its end', async () => {
  await using reservations = open()
  const [{ hostPort } = mapping(0)] = await reservations.take('a', [mapping(0)], '')
  const wanted = { ...mapping(hostPort), lastHostPort: hostPort + 1 }
  const [second] = await reservations.take('b', [wanted], '')
  assert.deepEqual(second, mapping(hostPort + 1))
  await assert.rejects(reservations.take('c', [wanted], ''), {
    code: 'conflict',
    message: `Bind for 127.0.0.1:${hostPort + 1} failed: port is already allocated`,
  })
})

test('release() of some leaves the others', async () => {
  await using reservations = open()
  const [first, second] = await reservations.take('a', [mapping(0), mapping(0)], '')
  assert.ok(first && second)
  await reservations.release('a', [second])
  assert.deepEqual([reservations.has('a', first), reservations.has('a', second)], [true, false])
  await reservations.take('b', [second], '')
})

test("one of our own containers' ports is already allocated", async () => {
  await using reservations = open()
  const [{ hostPort } = mapping(0)] = await reservations.take('a', [mapping(0)], '')
  const refused = (hostIp: string) => ({
    code: 'conflict',
    message: `Bind for ${hostIp}:${hostPort} failed: port is already allocated`,
  })
  await assert.rejects(reservations.take('b', [mapping(hostPort)], ''), refused('127.0.0.1'))
  await assert.rejects(reservations.take('b', [mapping(hostPort, { hostIp: '0.0.0.0' })], ''), refused('0.0.0.0'))
  const [udp] = await reservations.take('b', [mapping(hostPort, { protocol: 'udp' })], '')
  assert.equal(udp?.protocol, 'udp', 'another protocol is another port')
  await reservations.release('a')
  await reservations.take('c', [mapping(hostPort)], '')
})

test('of two who want a port at once, one gets it', async () => {
  await using reservations = open()
  const [{ hostPort } = mapping(0)] = await reservations.take('a', [mapping(0)], '')
  await reservations.release('a')
  const results = await Promise.allSettled(['b', 'c'].map((id) => reservations.take(id, [mapping(hostPort)], '')))
  assert.deepEqual(results.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected'])
})

test('all ports of a container are taken, or none', async () => {
  await using theirs = await listen()
  await using reservations = open()
  await assert.rejects(reservations.take('a', [mapping(0), mapping(theirs.port)], ''))
  assert.equal(reservations.holders().size, 0)
})

test('no address means both families, with one port', async () => {
  await using reservations = open()
  const taken = await reservations.take('a', [mapping(0, { hostIp: '' })], '')
  assert.deepEqual(taken.map(({ hostIp }) => hostIp).slice(0, 2), ['0.0.0.0', '::'].slice(0, taken.length))
  assert.equal(new Set(taken.map(({ hostPort }) => hostPort)).size, 1)
})

test('an address that the host does not have is refused in words', async () => {
  await using reservations = open()
  await assert.rejects(reservations.take('a', [mapping(range.first, { hostIp: '203.0.113.9' })], '172.17.0.2'), {
    message: `failed to bind host port for 203.0.113.9:${range.first}:172.17.0.2:80/tcp: cannot assign requested address`,
  })
})

test('a range that is used up says so', async () => {
  await using reservations = open(range.first, range.first)
  await reservations.take('a', [mapping(0)], '')
  await assert.rejects(reservations.take('b', [mapping(0)], ''), {
    code: 'unavailable',
    message: 'all ports are allocated',
  })
})

test('who binds being gone is no reason to try all other ports, nor is it what a full range says', async () => {
  let tries = 0
  const binder: PortBinder = {
    bind: async () => {
      tries += 1
      throw new SlipwayError('unavailable', 'the keeper has ended')
    },
  }
  await using reservations = new Reservations(range, binder)
  await assert.rejects(reservations.take('a', [mapping(0)], ''), {
    code: 'unavailable',
    message: 'the keeper has ended',
  })
  assert.equal(tries, 1)
  assert.equal(reservations.holders().size, 0)
})

test('what reaches the reserved socket itself is relayed, and refused before there is a target', async () => {
  await using target = await listen()
  await using reservations = open()
  const [{ hostPort } = mapping(0)] = await reservations.take('a', [mapping(0, { containerPort: target.port })], '')
  const ask = async (): Promise<string> => text(connect(hostPort, '127.0.0.1')).catch(() => 'reset')
  assert.notEqual(await ask(), 'theirs')
  reservations.aim('a', '127.0.0.1')
  assert.equal(await ask(), 'theirs')
})

test('datagrams are relayed, each answer to who asked', async (t) => {
  const target = createSocket('udp4')
  target.on('message', (message, { address, port }) => target.send(`re: ${message}`, port, address))
  target.bind(0, '127.0.0.1')
  t.after(() => target.close())
  await once(target, 'listening')
  await using reservations = open()
  const wanted = mapping(0, { protocol: 'udp', containerPort: target.address().port })
  const [{ hostPort } = wanted] = await reservations.take('a', [wanted], '')
  reservations.aim('a', '127.0.0.1')
  const answers = await Promise.all(
    ['one', 'two'].map(async (word) => {
      const client = createSocket('udp4')
      client.send(word, hostPort, '127.0.0.1')
      const [answer] = (await once(client, 'message')) as [Buffer]
      client.close()
      return answer.toString()
    }),
  )
  assert.deepEqual(answers, ['re: one', 're: two'])
})
