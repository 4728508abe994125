import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { frame, sendOutput } from './send-output.ts'

test('frame() is docker’s: stream, three zeros, length, bytes', () => {
  assert.deepEqual([...frame('stderr', Buffer.from('hi'))], [2, 0, 0, 0, 0, 0, 0, 2, 104, 105])
})

test('sendOutput() copies: the bytes may change while a slow client has not got them', async () => {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [slow] = (await once(server, 'connection')) as [Socket]
  const bytes = Buffer.alloc(64 * 1024)
  const wanted: Buffer[] = []
  let wantsMore = 0
  for (let piece = 0; piece < 200; piece += 1) {
    const part = bytes.fill(piece).subarray(0, piece % 3 === 0 ? 100 : bytes.length)
    wanted.push(frame('stdout', part))
    if (sendOutput(client, 'stdout', part, true)) wantsMore += 1
    if (piece % 20 === 0) await new Promise(setImmediate)
  }
  assert.ok(wantsMore < 200, 'the kernel took it all: nobody was slow')
  client.end()
  const got: Buffer[] = []
  for await (const chunk of slow.resume()) got.push(chunk as Buffer)
  assert.ok(Buffer.concat(got).equals(Buffer.concat(wanted)))
  server.close()
})
