import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { test } from 'node:test'
import { openBoundSocket } from './bound.ts'

test('a bound TCP socket listens where it was told, once Node has it', async () => {
  const server = createServer((socket) => socket.end('ahoy'))
  server.listen({ fd: openBoundSocket({ kind: 'tcp', address: '127.0.0.11', port: 0 }) })
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  assert.equal(address.address, '127.0.0.11')
  const socket = connect(address.port, '127.0.0.11')
  const [text] = await once(socket, 'data')
  assert.equal(String(text), 'ahoy')
  await new Promise((resolve) => server.close(resolve))
})

test('a bound UDP socket gets datagrams, once Node has it', async () => {
  const socket = createSocket('udp4')
  // Such a socket listens before bind() returns.
  socket.bind({ fd: openBoundSocket({ kind: 'udp', address: '127.0.0.11', port: 0 }) })
  assert.equal(socket.address().address, '127.0.0.11')
  socket.send('ahoy', socket.address().port, '127.0.0.11')
  const [text] = await once(socket, 'message')
  assert.equal(String(text), 'ahoy')
  socket.close()
})

test('an IPv6 socket leaves the port of IPv4 to others', () => {
  const opened: number[] = []
  try {
    const port = 20_000 + (process.pid % 10_000)
    for (const address of ['::1', '127.0.0.1']) opened.push(openBoundSocket({ kind: 'tcp', address, port }))
    opened.push(
      openBoundSocket({ kind: 'udp', address: '::', port }),
      openBoundSocket({ kind: 'udp', address: '0.0.0.0', port }),
    )
    assert.throws(() => openBoundSocket({ kind: 'udp', address: '::1', port }), { code: 'EADDRINUSE' })
  } finally {
    for (const fd of opened) closeSync(fd)
  }
})

test('an SCTP port has one owner, where the kernel has SCTP', () => {
  const open = (): number =>
    openBoundSocket({ kind: 'sctp', address: '127.0.0.1', port: 20_000 + (process.pid % 10_000) })
  if (!readFileSync('/proc/net/protocols', 'utf8').includes('\nSCTP ')) {
    assert.throws(open, { code: 'EPROTONOSUPPORT' })
    return
  }
  const fd = open()
  assert.throws(open, { code: 'EADDRINUSE' })
  closeSync(fd)
})

test('an address that is not ours, or none, is refused', () => {
  assert.throws(() => openBoundSocket({ kind: 'tcp', address: '192.0.2.1', port: 0 }), { code: 'EADDRNOTAVAIL' })
  assert.throws(() => openBoundSocket({ kind: 'tcp', address: 'web', port: 0 }), { code: 'invalid' })
})
