import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { shimIsGone } from './connection.ts'
import { encodeFrame, type Frame, frameReader, frameType } from './frame.ts'
import { pidResponse, processRequest, ttrpcRequest, ttrpcResponse } from './messages.ts'
import { TtrpcClient } from './ttrpc.ts'

const start = { service: 'test', method: 'Start', request: processRequest, response: pidResponse }

/** A server that leaves it to the test when and what to answer. */
const serve = async (onRequest: (frame: Frame, socket: Socket) => void) => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-ttrpc-'))
  const path = join(directory, 's')
  const server = createServer((socket) => {
    const read = frameReader()
    socket.on('data', (chunk: Buffer) => {
      for (const frame of read(chunk)) onRequest(frame, socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const close = async () => {
    await new Promise((resolve) => server.close(resolve))
    await rm(directory, { recursive: true })
  }
  return { path, [Symbol.asyncDispose]: close }
}

const answer = (socket: Socket, stream: number, response: Parameters<typeof ttrpcResponse.encode>[0]): void => {
  socket.write(encodeFrame({ stream, type: frameType.response, body: ttrpcResponse.encode(response) }))
}

test('calls in flight are answered in any order', async () => {
  const waiting: number[] = []
  await using server = await serve(({ stream, body }, socket) => {
    assert.equal(ttrpcRequest.decode(body).method, 'Start')
    waiting.push(stream)
    if (waiting.length < 3) return
    for (const id of waiting.reverse()) answer(socket, id, { payload: pidResponse.encode({ pid: id }) })
  })
  await using client = await TtrpcClient.open(server.path)
  const pids = await Promise.all(['a', 'b', 'c'].map((id) => client.call(start, { id })))
  assert.deepEqual(
    pids.map(({ pid }) => pid),
    [1, 3, 5],
  )
})

test('the shim’s status codes become ours', async () => {
  await using server = await serve(({ stream }, socket) =>
    answer(socket, stream, { status: { code: 5, message: 'process x: not found' } }),
  )
  await using client = await TtrpcClient.open(server.path)
  await assert.rejects(client.call(start, { id: 'x' }), (error) => {
    assert.ok(hasCode(error, 'not-found'))
    assert.equal(error.message, 'process x')
    return true
  })
})

test('a connection that drops fails every call under way, and those that come later', async () => {
  await using server = await serve((_, socket) => socket.destroy())
  await using client = await TtrpcClient.open(server.path)
  const calls = await Promise.allSettled([client.call(start, { id: 'a' }), client.call(start, { id: 'b' })])
  for (const call of calls) assert.ok(call.status === 'rejected' && hasCode(call.reason, 'unavailable'))
  await assert.rejects(client.call(start, { id: 'c' }), (error) => hasCode(error, 'unavailable') && !shimIsGone(error))
})

test('a socket nobody listens at means that the shim is gone', async () => {
  await assert.rejects(TtrpcClient.open('/nonexistent/socket'), shimIsGone)
})
