import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { sessionWire } from './session-wire.ts'

/** Both ends of a connection; what goes wrong with them doesn't matter. */
const openPair = async (): Promise<readonly [Socket, Socket] & { close(): void }> => {
  const path = join(tmpdir(), `slipway-wire-${process.pid}-${performance.now()}.sock`)
  const server = createServer({ allowHalfOpen: true }).listen(path)
  await once(server, 'listening')
  const near = connect({ path, allowHalfOpen: true })
  const [far] = (await once(server, 'connection')) as [Socket]
  const close = (): void => {
    near.destroy()
    far.destroy()
    server.close()
  }
  return Object.assign([near, far] as const, { close })
}

test('a connection that was opened once more loses nothing, both ways', async (t) => {
  const pair = await openPair()
  t.after(pair.close)
  const [near, far] = pair
  near.write('read before')
  await once(far, 'readable')
  far.pause()
  const { socket, listen } = sessionWire(far)
  t.after(() => socket.destroy())
  assert.notEqual(socket, far)
  let heard = ''
  listen((bytes) => {
    heard += bytes.toString()
  })
  near.write(', read after')
  const large = 'x'.repeat(1_000_000)
  near.end(large)
  await once(socket, 'end')
  assert.equal(heard, `read before, read after${large}`)
  // Ours is still open.
  socket.write('answered ')
  socket.end('at last')
  let answer = ''
  for await (const chunk of near) answer += String(chunk)
  assert.equal(answer, 'answered at last')
})

test('it can be held up', async (t) => {
  const pair = await openPair()
  t.after(pair.close)
  const { socket, listen } = sessionWire(pair[1])
  t.after(() => socket.destroy())
  let length = 0
  listen((bytes) => {
    length += bytes.length
    socket.pause()
  })
  const chunk = Buffer.alloc(256 << 10)
  for (let count = 0; count < 20; count += 1) pair[0].write(chunk)
  while (length < 20 * chunk.length) {
    const before = length
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(length - before <= chunk.length)
    socket.resume()
  }
})

test('what is no connection of the kernel’s is read as it is', async () => {
  const stream = new PassThrough()
  const { socket, listen } = sessionWire(stream)
  assert.equal(socket, stream)
  const heard: string[] = []
  listen((bytes) => void heard.push(bytes.toString()))
  stream.write('hello')
  assert.deepEqual(heard, ['hello'])
})
