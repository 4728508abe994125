import assert from 'node:assert/strict'
import { once } from 'node:events'
import { closeSync, openSync, writeFileSync } from 'node:fs'
import { createServer, connect as dial, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { duplicate, expectSequentialReads, sendFile } from './send.ts'

const descriptorOf = (socket: Socket): number => (socket as unknown as { _handle: { fd: number } })._handle.fd

/** Both ends of a connection; nobody reads at the far one yet. */
const connectedPair = async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const near = dial((server.address() as { port: number }).port, '127.0.0.1')
  const [far] = (await once(server, 'connection')) as [Socket]
  far.on('error', () => undefined)
  const [fd, path] = [duplicate(descriptorOf(near)), scratchDirectory()]
  return {
    fd,
    far,
    near,
    path: join(path.path, 'file'),
    [Symbol.dispose]() {
      closeSync(fd)
      for (const socket of [near, far]) socket.destroy()
      server.close()
      path[Symbol.dispose]()
    },
  }
}

test('sendFile() sends a part of a file, tells its end, and the connection outlives a duplicate', async () => {
  using pair = await connectedPair()
  writeFileSync(pair.path, '0123456789')
  const file = openSync(pair.path, 'r')
  expectSequentialReads(file)
  assert.equal(await sendFile(pair.fd, file, { start: 2, length: 5 }), 5)
  assert.equal(await sendFile(pair.fd, file, { start: 8, length: 100 }), 2)
  assert.equal(await sendFile(pair.fd, file, { start: 10, length: 1 }), 0)
  closeSync(file)
  closeSync(duplicate(pair.fd))
  pair.near.end('!')
  const pieces = await pair.far.toArray()
  assert.equal(Buffer.concat(pieces).toString(), '2345689!')
})

test('sendFile() tells a socket that is full, and one whose other side has gone', async () => {
  using pair = await connectedPair()
  const length = 64 << 20
  writeFileSync(pair.path, Buffer.alloc(length))
  const file = openSync(pair.path, 'r')
  let sent = 0
  for (let more: number | undefined = 1; more !== undefined; sent += more ?? 0) {
    more = await sendFile(pair.fd, file, { start: sent, length: length - sent })
  }
  assert.ok(sent > 0 && sent < length, `${sent} bytes were taken by nobody`)
  const gone = new Promise((resolve) => pair.near.on('error', () => undefined).once('close', resolve))
  pair.far.resetAndDestroy()
  await gone
  await assert.rejects(sendFile(pair.fd, file, { start: 0, length }), (error: NodeJS.ErrnoException) =>
    ['EPIPE', 'ECONNRESET'].includes(error.code ?? ''),
  )
  closeSync(file)
})
