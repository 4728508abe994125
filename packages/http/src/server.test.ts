import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { text as consumed } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { hasCode, silentLogger } from '@slipway/core'
import { readBody, readJson } from './body.ts'
import { hijack } from './hijack.ts'
import { closeServer, listen } from './listen.ts'
import { sendJson } from './respond.ts'
import { createMatcher, type Route } from './route.ts'
import { createHttpServer } from './server.ts'
import { object, text } from './shape.ts'

const echo: Route<undefined> = {
  method: 'POST',
  path: '/echo',
  hijack: true,
  handle: async (request, response) => {
    const body = await readJson(request, { shape: object('Greeting', { greeting: text() }) })
    const socket = hijack(request, response, { contentType: 'application/vnd.docker.raw-stream' })
    socket.write(`${body?.greeting};`)
    socket.on('data', (bytes: Buffer) => socket.write(bytes.toString().toUpperCase()))
    socket.on('end', () => setTimeout(() => socket.end('bye'), 20))
  },
}
const routes: readonly Route<undefined>[] = [
  echo,
  {
    method: 'GET',
    path: '/half',
    handle: async (_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 })
      response.write('half')
    },
  },
  {
    method: 'GET',
    path: '/v2/{name...}/tags/{tag}',
    handle: async (request, response) => sendJson(response, 200, request.params),
  },
  {
    method: 'POST',
    path: '/body',
    handle: async (request, response) => {
      sendJson(response, 200, { length: (await readBody(request, { limit: 10 })).length })
    },
  },
]

const started = async (): Promise<{ port: number } & AsyncDisposable> => {
  const server: Server = createHttpServer({
    routes,
    deps: undefined,
    logger: silentLogger,
    headers: { 'Api-Version': '9' },
    renderError: (error, _request, response) => {
      sendJson(response, hasCode(error, 'not-found') ? 404 : 400, { message: (error as Error).message })
    },
  })
  await listen(server, { kind: 'tcp', host: '127.0.0.1', port: 0 })
  const { port } = server.address() as AddressInfo
  return { port, [Symbol.asyncDispose]: () => closeServer(server, 10) }
}

const allOf = async (socket: Socket): Promise<string> => {
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes
  })
  await once(socket, 'close')
  return text
}

for (const upgrade of [true, false]) {
  test(`hijack() gives both directions, half-closed on their own, ${upgrade ? 'with' : 'without'} Upgrade`, async () => {
    await using server = await started()
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    const body = JSON.stringify({ greeting: 'hello' })
    const headers = upgrade ? 'Connection: Upgrade\r\nUpgrade: tcp\r\n' : ''
    socket.write(`POST /echo HTTP/1.1\r\nHost: x\r\n${headers}Content-Type: application/json\r\n`)
    socket.write(`Content-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`)
    const answer = allOf(socket)
    await delay(20)
    // Without Upgrade a client must wait for the head before it sends what isn't HTTP; with it, the two may come together.
    socket.write(body.slice(5))
    if (!upgrade) await once(socket, 'data')
    socket.write('first ')
    await delay(20)
    socket.end('POST second')
    const text = await answer
    assert.match(text, upgrade ? /^HTTP\/1.1 101 UPGRADED\r\n/ : /^HTTP\/1.1 200 OK\r\n/)
    assert.match(text, /Api-Version: 9\r\n/i)
    assert.match(text, /\r\n\r\nhello;FIRST POST SECONDbye$/)
  })
}

test('a hijacking route answers errors as HTTP, also to a client that asked for an upgrade', async () => {
  await using server = await started()
  const socket = connect(server.port, '127.0.0.1')
  socket.write('POST /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}')
  assert.match(await allOf(socket), /^HTTP\/1.1 400 .*must be 'application\/json'"}\n$/s)
})

test('an Upgrade header on an ordinary route is ignored', async () => {
  await using server = await started()
  const response = await new Promise<{ statusCode: number }>((resolve) => {
    httpRequest(
      {
        port: server.port,
        host: '127.0.0.1',
        path: '/v2/a/b/tags/c',
        headers: { Connection: 'Upgrade', Upgrade: 'h2c' },
      },
      (response) => resolve({ statusCode: response.statusCode ?? 0 }),
    ).end()
  })
  assert.equal(response.statusCode, 200)
})

test('readBody() puts together what comes in crumbs', async () => {
  await using server = await started()
  const socket = connect(server.port, '127.0.0.1')
  const crumbs = [...'abcdefghij'].map((letter) => `1\r\n${letter}\r\n`).join('')
  socket.write(
    `POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${crumbs}0\r\n\r\n`,
  )
  assert.match(await consumed(socket), /\{"length":10\}/)
})

test('readBody() refuses more than its limit, and the server goes on', async () => {
  await using server = await started()
  const url = `http://127.0.0.1:${server.port}/body`
  assert.equal((await fetch(url, { method: 'POST', body: 'x'.repeat(11) })).status, 400)
  assert.deepEqual(await (await fetch(url, { method: 'POST', body: 'x'.repeat(10) })).json(), { length: 10 })
})

test('a path that nobody serves is "page not found"', async () => {
  await using server = await started()
  const response = await fetch(`http://127.0.0.1:${server.port}/nowhere`)
  assert.equal(response.status, 404)
  assert.deepEqual(await response.json(), { message: 'page not found' })
})

test('createMatcher() lets {name...} take slashes and decodes what it took', () => {
  const match = createMatcher(routes)
  const found = match('GET', '/v2/user/a%2Bb/tags/v1')
  assert.ok(typeof found === 'object')
  assert.deepEqual({ ...found.params }, { name: 'user/a+b', tag: 'v1' })
  assert.equal(match('DELETE', '/v2/a/tags/v1'), 'wrong-method')
  assert.equal(match('GET', '/v2/tags/v1'), undefined)
})

test('what can’t be read after a request is refused, but not in the middle of the answer to it', async () => {
  await using server = await started()
  const answered = async (path: string): Promise<string> => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const [first] = (await once(socket, 'data')) as [Buffer]
    socket.write('no HTTP at all\r\n\r\n')
    const rest = await socket.toArray().catch((): Buffer[] => [])
    return Buffer.concat([first, ...rest]).toString()
  }
  assert.match(await answered('/v2/a/tags/b'), /"tag":"b"\}\s+HTTP\/1\.1 400 /)
  assert.match(await answered('/half'), /\r\n\r\nhalf$/)
})
