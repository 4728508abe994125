import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { type Action, digestOf } from '@slipway/core'
import { PostgresServer } from '@slipway/database/testing'
import { makeAccessToken } from '../accounts/access-tokens.ts'
import { distributionRoutes } from '../distribution/routes.ts'
import { openRegistryDatabase, tokenKeyOf } from '../places.ts'
import { basic, makeAccount, pushBlob, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { signToken } from '../tokens/token.ts'
import { parseGrants } from './pattern.ts'
import { setVisibility } from './visibility.ts'

/** Who comes: by their names in the tables below. */
type Callers = Readonly<Record<string, string | undefined>>

const layer = digestOf('a layer')

const tokenFor = async (registry: TestRegistry, login: string | undefined, scope: string): Promise<string> => {
  const path = `/token?service=slipway-registry&scope=${scope}`
  const { token } = (await (
    await registry.call('GET', path, login ? { headers: { Authorization: login } } : {})
  ).json()) as {
    token: string
  }
  return `Bearer ${token}`
}

/** `open/app` is public, `team/app` and `team/other` are private; ann may push to team, ben pulls from it, eve has nothing. */
const furnish = async (registry: TestRegistry): Promise<Callers> => {
  for (const name of ['open/app', 'team/app', 'team/other']) {
    await pushImage(registry, name, 'v1', name === 'team/other' ? { layer: 'another layer' } : {})
  }
  await using database = await openRegistryDatabase(registry.places)
  const { sql } = database
  for (const name of ['team/app', 'team/other']) await setVisibility(sql, name, 'private')
  const account = (name: string, pattern: string, actions: 'pull' | 'push' | 'all') =>
    makeAccount(registry, name, 'secret', {
      pattern,
      actions: { pull: ['pull'], push: ['pull', 'push'], all: ['pull', 'push', 'delete', 'manage'] }[actions] as never,
    })
  const ann = await account('ann', 'team/**', 'push')
  const ben = await account('ben', 'team/**', 'pull')
  const eve = await account('eve', 'eve/**', 'all')
  const root = await account('root', '**', 'all')
  const limited = await makeAccessToken(sql, {
    account: 'root',
    kind: 'access',
    name: 'ci',
    limits: parseGrants('team/app:pull'),
  })
  const over = { account: 'root', kind: 'access', name: 'old', expiresAt: new Date(Date.now() - 1000) } as const
  const claims = { subject: 'root', access: [{ type: 'repository', name: 'team/app', actions: ['*'] }] }
  const key = await tokenKeyOf(registry.places, database)
  return {
    nobody: undefined,
    ann,
    ben,
    eve,
    root,
    'ann with a token': await tokenFor(registry, ann, 'repository:team/app:pull,push'),
    'ann with a token for another': await tokenFor(registry, ann, 'repository:team/other:pull,push'),
    'eve with a token that she asked for': await tokenFor(registry, eve, 'repository:team/app:pull,push,delete'),
    'root with an access token for team/app': basic('root', limited.text),
    'root with one that is over': basic('root', (await makeAccessToken(sql, over)).text),
    'an expired token': `Bearer ${await signToken(key, claims, new Date(Date.now() - 3_600_000))}`,
    'a forged token': `Bearer ${await signToken(new Uint8Array(32), claims)}`,
  }
}

const call = async (registry: TestRegistry, method: string, path: string, authorization?: string): Promise<number> => {
  const headers = authorization === undefined ? {} : { Authorization: authorization }
  return (await registry.call(method, path, { headers })).status
}

/** pull open, pull team, pull one that isn't there, push to team, delete from team, the referrers of team, manage. */
const requests = [
  ['GET', '/v2/open/app/manifests/v1'],
  ['GET', '/v2/team/app/manifests/v1'],
  ['GET', '/v2/team/none/manifests/v1'],
  ['POST', '/v2/team/app/blobs/uploads/'],
  ['DELETE', `/v2/team/app/manifests/${digestOf('unknown')}`],
  ['GET', `/v2/team/app/referrers/${layer}`],
  ['GET', '/api/v1/gc'],
] as const

const expected: Readonly<Record<string, readonly number[]>> = {
  nobody: [200, 401, 401, 401, 401, 401, 401],
  ann: [200, 200, 404, 202, 403, 200, 403],
  ben: [200, 200, 404, 403, 403, 200, 403],
  eve: [200, 403, 403, 403, 403, 403, 403],
  root: [200, 200, 404, 202, 404, 200, 200],
  'ann with a token': [200, 200, 401, 202, 401, 200, 401],
  'ann with a token for another': [200, 401, 401, 401, 401, 401, 401],
  'eve with a token that she asked for': [200, 401, 401, 401, 401, 401, 401],
  'root with an access token for team/app': [200, 200, 403, 403, 403, 200, 403],
  'root with one that is over': [401, 401, 401, 401, 401, 401, 401],
  'an expired token': [401, 401, 401, 401, 401, 401, 401],
  'a forged token': [401, 401, 401, 401, 401, 401, 401],
}

const holds = async (registry: TestRegistry): Promise<void> => {
  const callers = await furnish(registry)
  const found: Record<string, readonly number[]> = {}
  for (const [name, authorization] of Object.entries(callers)) {
    const statuses: number[] = []
    for (const [method, path] of requests) statuses.push(await call(registry, method, path, authorization))
    found[name] = statuses
  }
  assert.deepEqual(found, expected)
}

test('who may do what is as the table says, over SQLite and PostgreSQL', async () => {
  await using sqlite = await startTestRegistry()
  await holds(sqlite)
  await using server = await PostgresServer.start()
  await using postgres = await startTestRegistry({ database: await server.createDatabase() })
  await holds(postgres)
  const root = basic('root', 'secret')
  assert.equal(await call(postgres, 'GET', '/api/v1/audit', root), 200)
  assert.equal(await call(postgres, 'GET', '/v2/_catalog', root), 200)
  assert.equal(await call(postgres, 'GET', '/v1/search?q=a', root), 200)
  assert.equal(await call(postgres, 'GET', '/metrics'), 200)
})

/** What each line of the distribution protocol's table needs, and what a path of it is filled with. */
const needs: Readonly<Record<string, Action>> = {
  'GET manifests/{reference}': 'pull',
  'PUT manifests/{reference}': 'push',
  'DELETE manifests/{reference}': 'delete',
  'POST blobs/uploads/': 'push',
  'POST blobs/uploads': 'push',
  'GET blobs/uploads/{upload}': 'push',
  'PATCH blobs/uploads/{upload}': 'push',
  'PUT blobs/uploads/{upload}': 'push',
  'DELETE blobs/uploads/{upload}': 'push',
  'GET blobs/{digest}': 'pull',
  'DELETE blobs/{digest}': 'delete',
  'GET tags/list': 'pull',
  'GET referrers/{digest}': 'pull',
}

/** What each may do with team/app, and how the rest is refused. */
const rights: Readonly<Record<string, readonly [allowed: readonly Action[], refusal: number]>> = {
  nobody: [[], 401],
  ann: [['pull', 'push'], 403],
  ben: [['pull'], 403],
  eve: [[], 403],
  root: [['pull', 'push', 'delete'], 403],
  'ann with a token': [['pull', 'push'], 401],
  'ann with a token for another': [[], 401],
  'eve with a token that she asked for': [[], 401],
  'root with an access token for team/app': [['pull'], 403],
  'root with one that is over': [[], 401],
  'an expired token': [[], 401],
  'a forged token': [[], 401],
}

const fill = (path: string): string =>
  path.replace('{reference}', 'nothing').replace('{digest}', digestOf('nothing')).replace('{upload}', randomUUID())

test('every line of the protocol asks for what it needs, of each caller, and HEAD as GET', async () => {
  const lines = distributionRoutes.flatMap(({ method, path }) => {
    const [, rest] = path.split('/v2/{name...}/')
    return rest === undefined ? [] : [{ method, rest }]
  })
  assert.deepEqual(lines.map(({ method, rest }) => `${method} ${rest}`).sort(), Object.keys(needs).sort())
  await using registry = await startTestRegistry()
  const callers = await furnish(registry)
  assert.deepEqual(Object.keys(callers).sort(), Object.keys(rights).sort())
  for (const [name, [allowed, refusal]] of Object.entries(rights)) {
    for (const { method, rest } of lines) {
      const may = allowed.includes(needs[`${method} ${rest}`] ?? 'manage')
      for (const verb of method === 'GET' ? ['GET', 'HEAD'] : [method]) {
        const answer = await call(registry, verb, `/v2/team/app/${fill(rest)}`, callers[name])
        const what = `${name}: ${verb} ${rest}`
        if (may) {
          assert.ok(![401, 403].includes(answer) && answer < 500, `${what}: ${answer}`)
          continue
        }
        // Who tries a wrong password too often is told so instead.
        const refusals = name === 'root with one that is over' ? [refusal, 429] : [refusal]
        // As much is said of a repository that isn't there.
        const elsewhere = await call(registry, verb, `/v2/team/none/${fill(rest)}`, callers[name])
        assert.ok(refusals.includes(answer) && refusals.includes(elsewhere), `${what}: ${answer}, ${elsewhere}`)
      }
    }
  }
})

test('what one may not read is refused in the same words as what is not there', async () => {
  await using registry = await startTestRegistry()
  const { nobody, eve } = await furnish(registry)
  const ask = async (path: string, authorization: string | undefined) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization }
    const response = await registry.call('GET', path, { headers })
    const text = `${await response.text()} ${response.headers.get('www-authenticate')}`
    return `${response.status} ${text.replaceAll('team/none', 'team/app')}`
  }
  for (const authorization of [nobody, eve]) {
    for (const rest of ['manifests/v1', `blobs/${layer}`, 'tags/list', `referrers/${layer}`]) {
      const there = await ask(`/v2/team/app/${rest}`, authorization)
      assert.equal(there, await ask(`/v2/team/none/${rest}`, authorization))
    }
  }
})

test('a mount from a repository one can’t read is an upload, as from one that is not there', async () => {
  await using registry = await startTestRegistry()
  const { ann, eve, ben } = await furnish(registry)
  const secret = digestOf('another layer')
  const mount = (to: string, query: string, authorization?: string): Promise<number> =>
    call(registry, 'POST', `/v2/${to}/blobs/uploads/?${query}`, authorization)
  assert.equal(await mount('eve/app', `mount=${secret}&from=team/other`, eve), 202)
  assert.equal(await mount('eve/app', `mount=${secret}&from=team/none`, eve), 202)
  assert.equal(await mount('eve/app', `mount=${secret}`, eve), 202)
  assert.equal(await mount('eve/app', `mount=${layer}&from=open/app`, eve), 201)
  assert.equal(await mount('team/app', `mount=${secret}&from=team/other`, ann), 201)
  assert.equal(await mount('team/app', `mount=${secret}&from=team/other`, ben), 403)
  // A token for the target alone doesn't read the source.
  const narrow = await tokenFor(registry, ann ?? '', 'repository:team/app:pull,push')
  await pushBlob(registry, 'team/other', 'a third', { Authorization: ann ?? '' })
  assert.equal(await mount('team/app', `mount=${digestOf('a third')}&from=team/other`, narrow), 202)
})

test('catalogue and search show each caller what it may read', async () => {
  await using registry = await startTestRegistry()
  const callers = await furnish(registry)
  const ask = (path: string, authorization: string | undefined): Promise<Response> =>
    registry.call('GET', path, { headers: authorization === undefined ? {} : { Authorization: authorization } })
  const catalog = async (authorization: string | undefined): Promise<string> => {
    const response = await ask('/v2/_catalog', authorization)
    if (response.status === 200) return String(((await response.json()) as { repositories: string[] }).repositories)
    return `${response.status} ${/scope="[^"]*"/.exec(response.headers.get('www-authenticate') ?? '')?.[0]}`
  }
  const search = async (authorization: string | undefined): Promise<string> => {
    const { results } = (await (await ask('/v1/search?q=app', authorization)).json()) as { results: { name: string }[] }
    return String(results.map(({ name }) => name))
  }
  const all = 'open/app,team/app,team/other'
  const comeAgain = '401 scope="registry:catalog:*"'
  const scope = 'registry:catalog:*'
  for (const [authorization, listed, found] of [
    [callers['nobody'], comeAgain, 'open/app'],
    [callers['eve'], 'open/app', 'open/app'],
    [callers['ben'], all, 'open/app,team/app'],
    [callers['root'], all, 'open/app,team/app'],
    [callers['ann with a token'], comeAgain, 'open/app'],
    [callers['root with an access token for team/app'], 'open/app', 'open/app'],
    [await tokenFor(registry, callers['ben'] ?? '', scope), all, 'open/app,team/app'],
    [await tokenFor(registry, undefined, scope), 'open/app', 'open/app'],
  ] as const) {
    assert.deepEqual([await catalog(authorization), await search(authorization)], [listed, found], authorization)
  }
})

test('where repositories are private unless made public, nobody pulls what was not granted', async () => {
  await using registry = await startTestRegistry({ settings: { visibility: 'private' } })
  await pushImage(registry, 'user/app', 'v1')
  const james = await makeAccount(registry, 'james')
  assert.equal(await call(registry, 'GET', '/v2/user/app/manifests/v1'), 401)
  assert.equal(await call(registry, 'GET', '/v2/user/app/manifests/v1', james), 200)
  await using database = await openRegistryDatabase(registry.places)
  await setVisibility(database.sql, 'user/app', 'public')
  assert.equal(await call(registry, 'GET', '/v2/user/app/manifests/v1'), 200)
})
