import assert from 'node:assert/strict'
import { stat } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { decodeJwt } from 'jose'
import { changePassword } from '../accounts/records.ts'
import { removeAccount } from '../accounts/remove.ts'
import { openRegistryDatabase } from '../places.ts'
import { basic, errorCode, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { readToken, signToken } from './token.ts'

interface TokenAnswer {
  readonly token: string
  readonly access_token: string
  readonly expires_in: number
  readonly issued_at: string
  readonly refresh_token?: string
  readonly scope?: string
}

const getToken = async (registry: TestRegistry, query: string, authorization?: string): Promise<TokenAnswer> => {
  const headers = authorization ? { Authorization: authorization } : undefined
  const response = await registry.call('GET', `/token?service=slipway-registry&${query}`, headers ? { headers } : {})
  assert.equal(response.status, 200)
  return (await response.json()) as TokenAnswer
}

const startPush = (registry: TestRegistry, authorization?: string, repository = 'user/app'): Promise<Response> =>
  registry.call(
    'POST',
    `/v2/${repository}/blobs/uploads/`,
    authorization ? { headers: { Authorization: authorization } } : {},
  )

const accessOf = ({ token }: TokenAnswer): unknown =>
  (decodeJwt(token)['access'] as readonly { name: string; actions: readonly string[] }[]).map(
    ({ name, actions }) => `${name}:${actions}`,
  )

test('a registry without accounts asks nobody for a password', async () => {
  await using registry = await startTestRegistry()
  assert.equal((await registry.call('GET', '/v2/')).status, 200)
  assert.equal((await startPush(registry)).status, 202)
  assert.deepEqual(accessOf(await getToken(registry, 'scope=repository:user/app:push,pull')), ['user/app:pull,push'])
})

test('the first account closes pushing and leaves pulling open', async () => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  await makeAccount(registry, 'james')
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v1')).status, 200)
  const refused = await startPush(registry)
  assert.equal(refused.status, 401)
  assert.equal(await errorCode(refused), 'UNAUTHORIZED')
  assert.equal(
    refused.headers.get('www-authenticate'),
    `Bearer realm="${registry.url}/token",service="slipway-registry",scope="repository:user/app:pull,push"`,
  )
  const ping = await registry.call('GET', '/v2/')
  assert.equal(ping.status, 401)
  assert.equal(ping.headers.get('www-authenticate'), `Bearer realm="${registry.url}/token",service="slipway-registry"`)
})

test('docker’s way: a token for Basic credentials, then a push with it', async () => {
  await using registry = await startTestRegistry()
  const login = await makeAccount(registry, 'james')
  const answer = await getToken(registry, 'account=james&offline_token=true&client_id=docker', login)
  assert.equal(answer.refresh_token, undefined)
  assert.equal(answer.token, answer.access_token)
  assert.ok(answer.expires_in >= 60)
  assert.ok(!Number.isNaN(Date.parse(answer.issued_at)))
  const ping = await registry.call('GET', '/v2/', { headers: { Authorization: `Bearer ${answer.token}` } })
  assert.equal(ping.status, 200)
  const { token } = await getToken(registry, 'scope=repository:user/app:pull,push', login)
  await pushImage(registry, 'user/app', 'v1', { headers: { Authorization: `Bearer ${token}` } })
})

test('containerd’s way: a token for a form, with its scope in the answer', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const post = (form: Record<string, string>) =>
    registry.call('POST', '/token', { body: new URLSearchParams({ service: 'x', client_id: 'containerd', ...form }) })
  const scope = 'repository:a:pull,push repository:b:pull'
  const response = await post({ grant_type: 'password', username: 'james', password: 'secret', scope })
  assert.equal(response.status, 200)
  const answer = (await response.json()) as TokenAnswer
  assert.equal(answer.scope, scope)
  assert.deepEqual(accessOf(answer), ['a:pull,push', 'b:pull'])
  assert.equal((await post({ grant_type: 'password', username: 'james', password: 'wrong' })).status, 401)
  assert.equal((await post({ grant_type: 'refresh_token', refresh_token: 'x' })).status, 401)
})

test('a refresh token is given where the settings say so, and goes with the password', async () => {
  await using registry = await startTestRegistry({ settings: { identityTokens: true } })
  const login = await makeAccount(registry, 'james')
  const answer = await getToken(registry, 'account=james&offline_token=true&client_id=docker', login)
  const again = (refresh: string | undefined) =>
    registry.call('POST', '/token', {
      body: new URLSearchParams({
        grant_type: 'refresh_token',
        refresh_token: refresh ?? '',
        service: 'x',
        scope: 'repository:user/app:pull,push',
      }),
    })
  const response = await again(answer.refresh_token)
  assert.equal(response.status, 200)
  const { token } = (await response.json()) as TokenAnswer
  assert.equal((await startPush(registry, `Bearer ${token}`)).status, 202)
  assert.equal((await getToken(registry, 'account=james', login)).refresh_token, undefined)
  assert.equal((await getToken(registry, 'offline_token=true')).refresh_token, undefined)
  await using database = await openRegistryDatabase(registry.places)
  await changePassword(database.sql, 'james', 'new')
  assert.equal((await again(answer.refresh_token)).status, 401)
  assert.equal((await startPush(registry, `Bearer ${token}`)).status, 401)
})

test('an access token is a password with limits; what was made with it ends with it', async () => {
  await using registry = await startTestRegistry()
  const login = await makeAccount(registry, 'james')
  const api = (method: string, path: string, body?: object, authorization = login) =>
    registry.call(method, `/api/v1/tokens${path}`, {
      headers: { Authorization: authorization, 'Content-Type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  const made = await api('POST', '', { name: 'ci', limits: 'user/**:pull,push', expiresIn: '1h' })
  assert.equal(made.status, 201)
  const { id, token: text } = (await made.json()) as { id: string; token: string }
  const robot = basic('james', text)
  assert.equal((await startPush(registry, robot)).status, 202)
  assert.equal((await startPush(registry, robot, 'other')).status, 403)
  assert.equal((await startPush(registry, basic('mary', text))).status, 401)
  const query = 'scope=repository:user/app:pull,push,delete&scope=repository:other:push'
  const issued = await getToken(registry, query, robot)
  assert.deepEqual(accessOf(issued), ['user/app:pull,push'])
  assert.equal((await startPush(registry, `Bearer ${issued.token}`)).status, 202)

  for (const authorization of [robot, `Bearer ${issued.token}`]) {
    assert.equal((await api('POST', '', { name: 'more' }, authorization)).status, 403)
  }
  assert.equal((await api('POST', '', { name: 'x', limits: 'nonsense' })).status, 400)
  const { tokens } = (await (await api('GET', '')).json()) as { tokens: { id: string; name: string }[] }
  assert.deepEqual(
    tokens.map((one) => [one.id, one.name]),
    [[id, 'ci']],
  )
  assert.equal((await api('DELETE', `/${id}`)).status, 204)
  assert.equal((await api('DELETE', `/${id}`)).status, 404)
  assert.equal((await startPush(registry, robot)).status, 401)
  assert.equal((await startPush(registry, `Bearer ${issued.token}`)).status, 401)
})

test('a token holds several scopes, each narrowed to what the account may do', async () => {
  await using registry = await startTestRegistry()
  for (const name of ['a', 'b']) await pushImage(registry, name, 'v1')
  const login = await makeAccount(registry, 'james')
  const query = 'scope=repository:a:pull,push,fly&scope=repository:b:*&scope=repository:UPPER:pull'
  assert.deepEqual(accessOf(await getToken(registry, query, login)), ['a:pull,push', 'b:pull,push,delete'])
  assert.deepEqual(accessOf(await getToken(registry, query)), ['a:pull', 'b:pull'])
})

test('a token speaks only for what it was issued for', async () => {
  await using registry = await startTestRegistry()
  const login = await makeAccount(registry, 'james')
  await pushImage(registry, 'other', 'v1', { headers: { Authorization: login } })
  const { token } = await getToken(registry, 'scope=repository:user/app:pull,push', login)
  assert.equal((await startPush(registry, `Bearer ${token}`)).status, 202)
  const other = await startPush(registry, `Bearer ${token}`, 'other')
  assert.equal(other.status, 401)
  assert.equal(await errorCode(other), 'DENIED')
  assert.match(other.headers.get('www-authenticate') ?? '', /error="insufficient_scope"/)
  const headers = { Authorization: `Bearer ${token}` }
  assert.equal((await registry.call('GET', '/v2/other/manifests/v1', { headers })).status, 200)
  const manifest = '/v2/user/app/manifests/v1'
  assert.equal((await registry.call('DELETE', manifest, { headers })).status, 401)
})

test('an anonymous token does not push', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const { token } = await getToken(registry, 'scope=repository:user/app:pull,push')
  const response = await startPush(registry, `Bearer ${token}`)
  assert.equal(response.status, 401)
  assert.equal(await errorCode(response), 'DENIED')
})

test('a token that is forged, over, or of an account that is gone is refused', async () => {
  await using registry = await startTestRegistry()
  const login = await makeAccount(registry, 'james')
  const { token } = await getToken(registry, 'scope=repository:user/app:pull,push', login)
  const claims = { subject: 'james', access: [{ type: 'repository', name: 'user/app', actions: ['push'] }] }
  const forged = await signToken(new Uint8Array(32), claims)
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`
  for (const bad of [forged, unsigned, 'nonsense', `${token}x`]) {
    const response = await startPush(registry, `Bearer ${bad}`)
    assert.equal(response.status, 401, bad)
    assert.match(response.headers.get('www-authenticate') ?? '', /error="invalid_token"/)
  }
  const key = new Uint8Array(32).fill(1)
  const old = await signToken(key, claims, new Date(Date.now() - 3_600_000))
  await assert.rejects(readToken(key, old), { code: 'unauthenticated' })
  await makeAccount(registry, 'mary')
  await using database = await openRegistryDatabase(registry.places)
  await removeAccount(database.sql, 'james')
  assert.equal((await startPush(registry, `Bearer ${token}`)).status, 401)
})

test('Basic credentials are taken as they are, and a changed password counts at once', async () => {
  await using registry = await startTestRegistry()
  const login = await makeAccount(registry, 'james', 'pass:wörd')
  assert.equal((await startPush(registry, login)).status, 202)
  assert.equal((await registry.call('GET', '/v2/', { headers: { Authorization: login } })).status, 200)
  await using database = await openRegistryDatabase(registry.places)
  await changePassword(database.sql, 'james', 'new')
  const refused = await startPush(registry, login)
  assert.equal(refused.status, 401)
  assert.match(refused.headers.get('www-authenticate') ?? '', /^Bearer realm=/)
  assert.equal((await startPush(registry, basic('james', 'new'))).status, 202)
})

test('wrong credentials are refused everywhere, also for what anyone may read', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const paths = ['/v2/', '/v2/_catalog', '/v2/user/app/tags/list', '/v1/search?q=x', '/token']
  for (const path of paths) {
    const response = await registry.call('GET', path, { headers: { Authorization: basic('james', 'wrong') } })
    assert.equal(response.status, 401, path)
    assert.equal(await errorCode(response), 'UNAUTHORIZED')
  }
  const nobody = { headers: { Authorization: basic('nobody', 'secret') } }
  assert.equal((await registry.call('GET', '/token', nobody)).status, 401)
})

test('ten wrong passwords make that address wait, and the answer says how long', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const guess = () => registry.call('GET', '/token', { headers: { Authorization: basic('james', 'guess') } })
  for (let count = 0; count < 10; count += 1) assert.equal((await guess()).status, 401)
  const response = await guess()
  assert.equal(response.status, 429)
  assert.equal(await errorCode(response), 'TOOMANYREQUESTS')
  assert.ok(Number(response.headers.get('retry-after')) > 0)
})

test('the key that signs tokens is for its owner alone, and outlives a restart', async () => {
  await using registry = await startTestRegistry()
  const login = await makeAccount(registry, 'james')
  const { token } = await getToken(registry, 'scope=repository:user/app:pull,push', login)
  assert.equal((await stat(join(registry.dataRoot, 'token-key'))).mode & 0o777, 0o600)
  await registry.restart()
  assert.equal((await startPush(registry, `Bearer ${token}`)).status, 202)
})

test('the realm is the address the client used; a Host that is none is refused', async () => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const { status, realm } = await pingAs(registry, 'registry.example.com')
  assert.deepEqual([status, realm], [401, 'http://registry.example.com/token'])
  assert.equal((await pingAs(registry, 'registry.example.com', 'https')).realm, 'https://registry.example.com/token')
  assert.equal((await pingAs(registry, 'evil",realm="http://x')).status, 400)
})

const pingAs = async (
  registry: TestRegistry,
  host: string,
  scheme?: string,
): Promise<{ status: number; realm: string }> => {
  const { promise, resolve } = Promise.withResolvers<{ status: number; realm: string }>()
  const headers = { Host: host, ...(scheme ? { 'X-Forwarded-Proto': scheme } : {}) }
  request(`${registry.url}/v2/`, { headers }, (response) => {
    response.resume()
    const realm = /realm="([^"]+)"/.exec(response.headers['www-authenticate'] ?? '')?.[1] ?? ''
    resolve({ status: response.statusCode ?? 0, realm })
  }).end()
  return promise
}
