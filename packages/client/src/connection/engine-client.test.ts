import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { EngineClient } from './engine-client.ts'
import { readJsonStream } from './json-stream.ts'
import { isFromEngine } from './status.ts'

type OnUpgrade = (request: IncomingMessage, socket: Socket, head: Buffer) => void

/** A server on a free port, and a client of it. */
const serve = async (t: TestContext, listener: RequestListener, onUpgrade?: OnUpgrade): Promise<EngineClient> => {
  const server = createServer(listener)
  if (onUpgrade) server.on('upgrade', (request, socket, head) => onUpgrade(request, socket as Socket, head))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = new EngineClient({ host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}` })
  t.after(async () => {
    await client[Symbol.asyncDispose]()
    server.closeAllConnections()
    server.close()
  })
  return client
}

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

test('request() sends the version, the query and the JSON, and reads the answer', async (t) => {
  const client = await serve(t, async (request, response) => {
    answer(response, 200, { method: request.method, url: request.url, body: JSON.parse(await text(request)) })
  })
  const got = await client.json({
    method: 'POST',
    path: '/containers/create',
    query: { name: 'a b' },
    json: { Image: 'é' },
  })
  assert.deepEqual(got, { method: 'POST', url: '/v1.51/containers/create?name=a+b', body: { Image: 'é' } })
})

test('negotiate() goes down to an older engine and never up', async (t) => {
  for (const [offered, spoken] of [
    ['1.41', '1.41'],
    ['1.99', '1.51'],
    ['1.6', '1.6'],
  ] as const) {
    const client = await serve(t, (_request, response) => {
      response.writeHead(200, { 'api-version': offered, 'builder-version': '2' }).end()
    })
    assert.deepEqual(await client.negotiate(), { builderVersion: '2' })
    assert.equal(client.apiVersion, spoken)
  }
})

test("an error answer is thrown with the engine's words and a code by its status", async (t) => {
  const statuses = {
    400: 'invalid',
    401: 'unauthenticated',
    404: 'not-found',
    409: 'conflict',
    501: 'unsupported',
    503: 'unavailable',
    500: 'internal',
  }
  for (const [status, code] of Object.entries(statuses)) {
    const client = await serve(t, (_request, response) =>
      answer(response, Number(status), { message: `no: ${status}` }),
    )
    await assert.rejects(client.json({ path: '/x' }), (error) => {
      assert.ok(isFromEngine(error))
      assert.deepEqual([error.code, error.message], [code, `no: ${status}`])
      return true
    })
  }
})

test('an error without JSON still says something', async (t) => {
  const client = await serve(t, (_request, response) => response.writeHead(502).end('Bad Gateway'))
  await assert.rejects(client.json({ path: '/x' }), { code: 'internal', message: 'Bad Gateway' })
})

test('a status of 304 is no error', async (t) => {
  const client = await serve(t, (_request, response) => response.writeHead(304).end())
  await client.send({ method: 'POST', path: '/containers/x/start' })
})

test('an engine that is not there is unavailable, and it is not the engine that says so', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-client-'))
  t.after(() => rm(directory, { recursive: true }))
  await using client = new EngineClient({ host: `unix://${directory}/none.sock` })
  await assert.rejects(client.negotiate(), (error: Error) => {
    assert.match(error.message, /^Cannot connect to the engine at unix:/)
    assert.equal((error as Error & { code: string }).code, 'unavailable')
    assert.equal(isFromEngine(error), false)
    return true
  })
})

test('request() works over a unix socket', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'swt-client-'))
  const server = createServer((_request, response) => answer(response, 200, 'there'))
  t.after(async () => {
    server.close()
    await rm(directory, { recursive: true })
  })
  server.listen(join(directory, 'engine.sock'))
  await once(server, 'listening')
  await using client = new EngineClient({ host: `unix://${directory}/engine.sock` })
  assert.equal(await client.json({ path: '/x' }), 'there')
})

test('request() streams a body and the answer', async (t) => {
  const client = await serve(t, async (request, response) => {
    const received = await buffer(request)
    response.write(`{"received":${received.length}}\r\n`)
    response.end('{"done":true}\r\n')
  })
  async function* body(): AsyncIterable<Uint8Array> {
    for (let chunk = 0; chunk < 20; chunk++) yield Buffer.alloc(100_000, chunk)
  }
  const response = await client.request({ method: 'POST', path: '/build', body: body() })
  assert.deepEqual(await Array.fromAsync(readJsonStream(response)), [{ received: 2_000_000 }, { done: true }])
})

test('an engine that refuses before it has read the body is heard, and is sent no more', async (t) => {
  const gone = Promise.withResolvers<void>()
  const client = await serve(t, (request, response) => {
    request.on('error', () => undefined)
    request.socket.once('close', gone.resolve)
    request.resume()
    answer(response, 400, { message: 'no such target' })
  })
  async function* endless(): AsyncIterable<Uint8Array> {
    for (;;) {
      yield Buffer.alloc(65_536)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await assert.rejects(client.request({ method: 'POST', path: '/build', body: endless() }), {
    message: 'no such target',
  })
  await gone.promise
})

test('a body that cannot be read is the error that is thrown', async (t) => {
  const client = await serve(t, (request, response) => {
    request.on('error', () => undefined)
    request.resume().on('end', () => answer(response, 200, {}))
  })
  async function* broken(): AsyncIterable<Uint8Array> {
    yield Buffer.from('some')
    throw new Error('the disk is gone')
  }
  await assert.rejects(client.request({ method: 'POST', path: '/build', body: broken() }), /the disk is gone/)
})

test('an abort ends a request that nobody answers', async (t) => {
  const client = await serve(t, () => undefined)
  await assert.rejects(client.request({ path: '/events', signal: AbortSignal.timeout(20) }), { code: 'cancelled' })
})

const accept = (socket: Socket): void => {
  socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n')
}

test('hijack() talks in both directions, and end() closes only ours', async (t) => {
  const client = await serve(
    t,
    () => undefined,
    async (request, socket, head) => {
      socket.allowHalfOpen = true
      assert.equal(request.headers.upgrade, 'tcp')
      const length = Number(request.headers['content-length'])
      let received = head
      while (received.length < length) received = Buffer.concat([received, (await once(socket, 'data'))[0] as Buffer])
      accept(socket)
      socket.write('early ')
      const heard = await text(socket)
      socket.end(`heard ${heard}`)
    },
  )
  const connection = await client.hijack({ path: '/exec/1/start', json: { Tty: false } })
  connection.write('some ')
  connection.end('input')
  assert.equal(await text(connection), 'early heard some input')
})

test("hijack() throws the engine's refusal", async (t) => {
  // Node hands every request with Upgrade to the one listener, so the refusal is written by hand.
  const client = await serve(
    t,
    () => undefined,
    (_request, socket) => {
      const body = '{"message":"No such container: x"}'
      socket.end(
        `HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      )
    },
  )
  await assert.rejects(client.hijack({ path: '/containers/x/attach' }), {
    code: 'not-found',
    message: 'No such container: x',
  })
})

test('hijack() refuses an answer that is no upgrade', async (t) => {
  const client = await serve(
    t,
    () => undefined,
    (_request, socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    },
  )
  await assert.rejects(client.hijack({ path: '/containers/x/attach' }), { code: 'unsupported' })
})
