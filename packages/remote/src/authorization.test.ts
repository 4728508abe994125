import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { digestOf, parseReference } from '@slipway/core'
import { authenticate } from './authenticate.ts'
import { parseChallenges } from './challenge.ts'
import { connectRegistry } from './registry.ts'
import { search } from './search.ts'
import { descriptorOf, seedImage, sendError, startTinyRegistry, type TinyRegistry } from './testing/tiny-registry.ts'

const reference = parseReference('registry.example/user/web:v1')
const credentials = { username: 'ada', password: 'pass:word' }
const basic = `Basic ${Buffer.from('ada:pass:word').toString('base64')}`

/** Makes the registry ask for tokens; the token says what it is for. Returns the queries of the token requests. */
const demandTokens = (registry: TinyRegistry, life = 300): string[] => {
  const asked: string[] = []
  registry.intercept = (request, response, url) => {
    if (url.pathname === '/token') {
      asked.push(url.search)
      const { authorization } = request.headers
      if (authorization !== undefined && authorization !== basic) {
        return sendError(response, 401, 'UNAUTHORIZED', 'incorrect username or password')
      }
      const token = Buffer.from(url.searchParams.getAll('scope').join(' ') || 'none').toString('base64url')
      response.end(JSON.stringify({ token, expires_in: life }))
      return true
    }
    if (request.headers.authorization?.startsWith('Bearer ')) return false
    const scope = url.pathname === '/v2/' ? '' : ',scope="repository:user/web:pull"'
    response.setHeader('www-authenticate', `Bearer realm="http://${registry.host}/token",service="tiny"${scope}`)
    return sendError(response, 401, 'UNAUTHORIZED', 'authentication required')
  }
  return asked
}

test('one token serves all requests of a scope; a mount asks for both repositories', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  const asked = demandTokens(registry)
  await using remote = connectRegistry({ registry: registry.host, repository: 'user/web', credentials })
  await Promise.all([remote.resolve(reference), remote.fetch(manifest)])
  assert.deepEqual(asked, ['?service=tiny&scope=repository%3Auser%2Fweb%3Apull&account=ada'])
  await remote.mount(descriptorOf('x'), parseReference('registry.example/user/base'))
  assert.equal(
    asked[1],
    '?service=tiny&scope=repository%3Auser%2Fweb%3Apull%2Cpush&scope=repository%3Auser%2Fbase%3Apull&account=ada',
  )
})

test('a registry that refuses every token is not asked for ever', async () => {
  await using registry = await startTinyRegistry()
  const asked = demandTokens(registry)
  const grant = registry.intercept
  registry.intercept = (request, response, url) => {
    if (url.pathname !== '/token') delete request.headers.authorization
    return grant(request, response, url)
  }
  await using remote = connectRegistry({ registry: registry.host, repository: 'user/web', credentials })
  await assert.rejects(remote.fetch(descriptorOf('x')), {
    code: 'unauthenticated',
    message: 'unauthorized: authentication required',
  })
  assert.equal(asked.length, 2)
})

test('a token that is refused in the middle of a copy is replaced, and the blob goes on where it stopped', async () => {
  await using registry = await startTinyRegistry()
  const layer = randomBytes(300_000)
  seedImage(registry, 'user/web:v1', [layer])
  const asked = demandTokens(registry)
  const grant = registry.intercept
  const ranges: (string | undefined)[] = []
  let revoked = ''
  registry.intercept = (request, response, url) => {
    const { authorization = '', range } = request.headers
    if (url.pathname === '/token' && asked.length > 0) {
      asked.push(url.search)
      response.end(JSON.stringify({ token: 'fresh' }))
      return true
    }
    if (authorization !== '' && authorization === revoked) delete request.headers.authorization
    if (grant(request, response, url)) return true
    if (!url.pathname.endsWith(digestOf(layer)) || request.method !== 'GET') return false
    ranges.push(range)
    if (ranges.length > 1) return false
    revoked = authorization
    response.writeHead(200, { 'content-length': layer.length })
    response.write(layer.subarray(0, 100_000), () => response.destroy())
    return true
  }
  const retry = { attempts: 4, firstDelay: 2, longestDelay: 3000 }
  await using remote = connectRegistry({ registry: registry.host, repository: 'user/web', credentials, retry })
  await remote.resolve(reference)
  assert.deepEqual(await buffer(await remote.fetch(descriptorOf(layer))), layer)
  assert.deepEqual([asked.length, ranges], [2, [undefined, 'bytes=100000-299999']])
})

test('an identity token is exchanged with POST', async () => {
  await using registry = await startTinyRegistry()
  const manifest = seedImage(registry, 'user/web:v1', [])
  demandTokens(registry)
  const grant = registry.intercept
  let form = ''
  registry.intercept = async (request, response, url) => {
    if (url.pathname !== '/token') return grant(request, response, url)
    assert.equal(request.method, 'POST')
    for await (const chunk of request) form += String(chunk)
    response.end(JSON.stringify({ access_token: 'abc' }))
    return true
  }
  const options = { registry: registry.host, repository: 'user/web', credentials: { identityToken: 'long-lived' } }
  await using remote = connectRegistry(options)
  assert.deepEqual(await remote.resolve(reference), manifest)
  const fields = new URLSearchParams(form)
  assert.equal(fields.get('grant_type'), 'refresh_token')
  assert.equal(fields.get('refresh_token'), 'long-lived')
  assert.equal(fields.get('scope'), 'repository:user/web:pull')
})

test('a token that does not reach so far is a denial', async () => {
  await using registry = await startTinyRegistry()
  registry.intercept = (_, response, url) => {
    if (url.pathname === '/v2/') return false
    response.setHeader('www-authenticate', `Basic realm="x",error="insufficient_scope"`)
    return sendError(response, 401, 'UNAUTHORIZED', 'authentication required')
  }
  await using remote = connectRegistry({ registry: registry.host, repository: 'user/web' })
  await assert.rejects(remote.resolve(reference), /^SlipwayError: pull access denied for registry.example\/user\/web/)
})

test('authenticate() tells a right password from a wrong one, with tokens and with Basic', async () => {
  await using registry = await startTinyRegistry()
  const wrong = { username: 'ada', password: 'no' }
  const refused = { code: 'unauthenticated', message: 'unauthorized: incorrect username or password' }
  demandTokens(registry)
  assert.equal((await authenticate({ registry: registry.host, credentials })).status, 'Login Succeeded')
  await assert.rejects(authenticate({ registry: registry.host, credentials: wrong }), refused)
  registry.intercept = (request, response) => {
    if (request.headers.authorization === basic) return false
    response.setHeader('www-authenticate', 'Basic realm="tiny"')
    return sendError(response, 401, 'UNAUTHORIZED', 'authentication required')
  }
  assert.equal((await authenticate({ registry: registry.host, credentials })).status, 'Login Succeeded')
  await assert.rejects(authenticate({ registry: registry.host, credentials: wrong }), refused)
})

test('authenticate() gives the token that a registry wants to have kept in place of the password', async () => {
  await using registry = await startTinyRegistry()
  const asked = demandTokens(registry)
  const grant = registry.intercept
  registry.intercept = (request, response, url) => {
    if (url.pathname !== '/token' || url.searchParams.get('offline_token') !== 'true') {
      return grant(request, response, url)
    }
    asked.push(url.search)
    response.end(JSON.stringify({ token: 'abc', refresh_token: 'long-lived' }))
    return true
  }
  const kept = await authenticate({ registry: registry.host, credentials })
  assert.deepEqual(kept, { status: 'Login Succeeded', identityToken: 'long-lived' })
  assert.match(asked.at(-1) ?? '', /&account=ada&offline_token=true&client_id=slipway$/)
  await using remote = connectRegistry({ registry: registry.host, repository: 'user/web', credentials })
  await assert.rejects(remote.fetch(descriptorOf('x')))
  assert.doesNotMatch(asked.at(-1) ?? '', /offline_token/)
})

test('search() asks /v1/search', async () => {
  await using registry = await startTinyRegistry()
  registry.intercept = (_, response, url) => {
    if (url.pathname !== '/v1/search') return false
    assert.equal(url.search, '?q=nginx&n=2')
    const result = { name: 'nginx', description: 'web', star_count: 7, is_official: true, is_automated: false }
    response.end(JSON.stringify({ query: 'nginx', num_results: 1, results: [result] }))
    return true
  }
  assert.deepEqual(await search({ registry: registry.host, term: 'nginx', limit: 2 }), [
    { name: 'nginx', description: 'web', stars: 7, official: true, automated: false },
  ])
  await assert.rejects(
    search({ registry: registry.host, term: 'nginx', limit: 101 }),
    /outside the range of \[1, 100\]/,
  )
})

test('parseChallenges() reads several challenges and survives nonsense', () => {
  assert.deepEqual(
    parseChallenges('Basic realm="a, \\"b\\"", Bearer realm="https://x/token",service=y').map(
      ({ scheme, parameters }) => [scheme, { ...parameters }],
    ),
    [
      ['basic', { realm: 'a, "b"' }],
      ['bearer', { realm: 'https://x/token', service: 'y' }],
    ],
  )
  assert.deepEqual(parseChallenges('=,,"'), [])
  assert.deepEqual(parseChallenges(undefined), [])
})
