import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { type RunningDashboard, startDashboard } from './compose.ts'

interface Stage {
  readonly dashboard: RunningDashboard
  /** What the engine was asked: `GET /v1.51/info`, its headers, and the body. */
  readonly asked: { readonly line: string; readonly headers: IncomingMessage['headers']; readonly body: string }[]
}

/** A dashboard over an engine that answers everything with its own words. */
const open = async (t: TestContext): Promise<Stage> => {
  const home = await mkdtemp(join(tmpdir(), 'swt-dashboard-'))
  const asked: Stage['asked'] = []
  const engine = createServer(async (request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, headers: request.headers, body: await text(request) })
    response.writeHead(request.url?.includes('missing') ? 404 : 200, { 'content-type': 'application/json' })
    response.end('{"message":"the engine says so"}')
  })
  engine.listen(join(home, 'engine.sock'))
  await once(engine, 'listening')
  const pages = join(home, 'pages')
  await mkdir(join(pages, 'assets'), { recursive: true })
  await writeFile(join(pages, 'index.html'), '<meta name="style-nonce" content="%NONCE%">')
  await writeFile(join(pages, 'assets/page.js'), 'void 0')
  const dashboard = await startDashboard({
    listen: { host: '127.0.0.1', port: 0 },
    engine: `unix://${join(home, 'engine.sock')}`,
    keyFile: join(home, 'key'),
    pages,
  })
  t.after(async () => {
    await dashboard[Symbol.asyncDispose]()
    engine.closeAllConnections()
    engine.close()
    await rm(home, { recursive: true })
  })
  return { dashboard, asked }
}

const keyOf = ({ dashboard }: Stage): string => dashboard.link.split('#key=')[1] ?? ''

const signIn = async ({ dashboard }: Stage, key: string): Promise<Response> =>
  fetch(`${dashboard.address}/api/session`, {
    method: 'POST',
    body: JSON.stringify({ key }),
    headers: { 'content-type': 'application/json' },
  })

const cookieOf = (response: Response): string => (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

/** `fetch` sets Host and Origin itself. */
const ask = (url: string, headers: Record<string, string>, method = 'GET'): Promise<number> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers, method }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject).end()
  })

test('nothing of the engine is told without a session', async (t) => {
  const stage = await open(t)
  for (const path of ['/api/engine/info', '/api/usage', '/api/session', '/api/terminal/x']) {
    assert.equal((await fetch(stage.dashboard.address + path)).status, 401, path)
  }
  assert.equal((await signIn(stage, 'guess')).status, 401)
  assert.deepEqual(stage.asked, [])
})

test('the key opens a session in a cookie that scripts and other sites never see', async (t) => {
  const stage = await open(t)
  const response = await signIn(stage, keyOf(stage))
  assert.equal(response.status, 204)
  assert.match(response.headers.get('set-cookie') ?? '', /; Path=\/; HttpOnly; SameSite=Strict$/)
})

test('a request goes to the engine with its query and body, and without what is the browser’s', async (t) => {
  const stage = await open(t)
  const cookie = cookieOf(await signIn(stage, keyOf(stage)))
  const response = await fetch(`${stage.dashboard.address}/api/engine/containers/create?name=a%2Fb`, {
    method: 'POST',
    body: '{"Image":"x"}',
    headers: { cookie, 'content-type': 'application/json' },
  })
  assert.equal(await response.text(), '{"message":"the engine says so"}')
  const [asked] = stage.asked
  assert.equal(asked?.line, 'POST /v1.51/containers/create?name=a%2Fb')
  assert.equal(asked?.body, '{"Image":"x"}')
  assert.equal(asked?.headers.cookie, undefined)
})

test('a refusal of the engine comes through as it is', async (t) => {
  const stage = await open(t)
  const cookie = cookieOf(await signIn(stage, keyOf(stage)))
  const response = await fetch(`${stage.dashboard.address}/api/engine/missing`, { headers: { cookie } })
  assert.deepEqual([response.status, await response.json()], [404, { message: 'the engine says so' }])
})

test('what comes from a page of another site is refused, whatever cookie it has', async (t) => {
  const stage = await open(t)
  const cookie = cookieOf(await signIn(stage, keyOf(stage)))
  const url = `${stage.dashboard.address}/api/engine/containers/x/stop`
  const foreign: readonly Record<string, string>[] = [
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]
  for (const headers of foreign) assert.equal(await ask(url, { cookie, ...headers }, 'POST'), 403)
  assert.equal(await ask(url, { cookie, origin: stage.dashboard.address }, 'POST'), 200)
})

test('a name that somebody else made point at us gets no answer', async (t) => {
  const stage = await open(t)
  assert.equal(await ask(stage.dashboard.address, { host: 'evil.example:5080' }), 403)
  for (const host of ['localhost:5080', '127.0.0.1', '[::1]:5080']) {
    assert.equal(await ask(stage.dashboard.address, { host }), 200, host)
  }
})

test('every address that is no file is a page, with a policy and a nonce of its own', async (t) => {
  const { dashboard } = await open(t)
  const nonces = new Set<string>()
  for (const path of ['/', '/containers/x', '/index.html']) {
    const response = await fetch(dashboard.address + path)
    const policy = response.headers.get('content-security-policy') ?? ''
    assert.doesNotMatch(policy, /unsafe/)
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? ''
    assert.ok((await response.text()).includes(`content="${nonce}"`))
    nonces.add(nonce)
  }
  assert.equal(nonces.size, 3)
  const asset = await fetch(`${dashboard.address}/assets/page.js`)
  assert.match(asset.headers.get('cache-control') ?? '', /immutable/)
  for (const path of ['/assets/none.js', '/api/none', '/assets/..%2f..%2fkey']) {
    assert.equal((await fetch(dashboard.address + path)).status, 404, path)
  }
})
