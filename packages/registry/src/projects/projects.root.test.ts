import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, mediaTypes } from '@slipway/core'
import { PostgresServer } from '@slipway/database/testing'
import { checkRegistry } from '../check/check.ts'
import { openRegistryDatabase, openStorage } from '../places.ts'
import {
  basic,
  makeAccount,
  pushBlob,
  pushImage,
  putManifest,
  startTestRegistry,
  type TestRegistry,
} from '../testing.ts'

/** A manager (root), three people who were granted nothing, and what they say to the API. */
const cast = async (registry: TestRegistry) => {
  const nothing = { pattern: 'nowhere', actions: ['pull'] } as const
  const root = await makeAccount(registry, 'root')
  const [ann, ben, eve] = [
    await makeAccount(registry, 'ann', 'secret', nothing),
    await makeAccount(registry, 'ben', 'secret', nothing),
    await makeAccount(registry, 'eve', 'secret', nothing),
  ]
  const call = async (authorization: string | undefined, method: string, path: string, body?: object) =>
    registry.call(method, path, {
      headers: {
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  const ask = async (authorization: string | undefined, path: string) =>
    (await (await call(authorization, 'GET', `/api/v1${path}`)).json()) as Record<string, never>
  const change = async (authorization: string | undefined, method: string, path: string, body?: object) =>
    (await call(authorization, method, `/api/v1${path}`, body)).status
  const may = async (authorization: string | undefined, action: 'pull' | 'push', repository: string) =>
    action === 'pull'
      ? (await call(authorization, 'GET', `/v2/${repository}/tags/list`)).status
      : (await call(authorization, 'POST', `/v2/${repository}/blobs/uploads/`)).status
  return { root, ann, ben, eve, call, ask, change, may }
}

const membersAreObeyed = async (registry: TestRegistry): Promise<void> => {
  const { ann, ben, eve, change, may, call, ask, root } = await cast(registry)
  assert.equal(await change(ann, 'POST', '/projects', { name: 'team', visibility: 'private' }), 201)
  assert.equal(await change(ben, 'POST', '/projects', { name: 'team' }), 400)
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization: ann } })
  assert.deepEqual([await may(ben, 'pull', 'team/app'), await may(undefined, 'pull', 'team/app')], [403, 401])
  const refused = await call(ben, 'POST', '/v2/team/new/blobs/uploads/')
  assert.match(await refused.text(), /"DENIED".*project team isn't there, or you may not push there"/)
  const scope = 'repository:team/new:pull,push'
  const { token } = (await (await call(undefined, 'GET', `/token?scope=${scope}`)).json()) as { token: string }
  const stranger = await call(`Bearer ${token}`, 'POST', '/v2/team/new/blobs/uploads/')
  assert.match(await stranger.text(), /or you may not push there; you are not logged in"/)
  const catalogueOf = async (who: string): Promise<string> => {
    const { repositories } = (await (await call(who, 'GET', '/v2/_catalog')).json()) as { repositories: string[] }
    const { results } = (await (await call(who, 'GET', '/v1/search?q=team')).json()) as { results: object[] }
    const projects = (await ask(who, '/projects?mine=1'))['projects'] as unknown as { name: string }[]
    return `${repositories} ${results.length} ${projects.map(({ name }) => name)}`
  }
  assert.equal(await catalogueOf(ben), ' 0 ')
  for (const [role, pull, push, members] of [
    ['guest', 200, 403, 403],
    ['developer', 200, 202, 200],
  ] as const) {
    assert.equal(await change(ann, 'PUT', '/projects/team/members/account/ben', { role }), 204)
    assert.deepEqual([await may(ben, 'pull', 'team/app'), await may(ben, 'push', 'team/new')], [pull, push], role)
    assert.equal((await call(ben, 'GET', '/api/v1/projects/team/members')).status, members, role)
  }
  assert.equal(await catalogueOf(ben), 'team/app 1 team')
  assert.equal(await change(ben, 'PUT', '/projects/team/members/account/eve', { role: 'guest' }), 403)

  // Through a team.
  assert.equal(await change(ann, 'POST', '/teams', { name: 'ops' }), 403)
  assert.equal(await change(root, 'POST', '/teams', { name: 'ops' }), 201)
  assert.equal(await change(root, 'PUT', '/teams/ops/members/eve'), 204)
  assert.equal(await may(eve, 'push', 'team/app'), 403)
  assert.equal(await change(ann, 'PUT', '/projects/team/members/team/ops', { role: 'maintainer' }), 204)
  assert.equal(await may(eve, 'push', 'team/app'), 202)
  assert.equal((await call(eve, 'DELETE', '/v2/team/app/manifests/v1')).status, 202)
  assert.equal(await change(root, 'DELETE', '/teams/ops/members/eve'), 204)
  assert.equal(await may(eve, 'push', 'team/app'), 403)

  // There is always an owner.
  assert.equal(await change(ann, 'DELETE', '/projects/team/members/account/ann'), 400)
  assert.equal(await change(ann, 'PUT', '/projects/team/members/account/ann', { role: 'guest' }), 400)
  assert.equal(await change(ann, 'PUT', '/projects/team/members/account/ben', { role: 'owner' }), 204)
  assert.equal(await change(ben, 'DELETE', '/projects/team/members/account/ann'), 204)
  assert.equal(await may(ann, 'pull', 'team/app'), 403)
}

test('members of projects may do what their role says, themselves and through teams, over SQLite and PostgreSQL', async () => {
  await using sqlite = await startTestRegistry()
  await membersAreObeyed(sqlite)
  await using server = await PostgresServer.start()
  await using postgres = await startTestRegistry({ database: await server.createDatabase() })
  await membersAreObeyed(postgres)
  await quotaHolds(postgres, basic('root', 'secret'))
})

test('a project is public or private with all that is in it; one that is gone tells no more than one that never was', async () => {
  await using registry = await startTestRegistry()
  const { root, ann, eve, ask, change, may, call } = await cast(registry)
  await change(ann, 'POST', '/projects', { name: 'team', visibility: 'public' })
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization: ann } })
  assert.deepEqual([await may(undefined, 'pull', 'team/app'), await may(eve, 'pull', 'team/app')], [200, 200])
  assert.equal(await change(ann, 'PUT', '/repositories/team/app/-/visibility', { visibility: 'public' }), 204)
  const edited = { visibility: 'private', edition: Number((await ask(ann, '/projects/team'))['edition']) }
  assert.equal(await change(ann, 'PUT', '/projects/team', edited), 204)
  assert.equal(await change(ann, 'PUT', '/projects/team', { ...edited, description: 'too late' }), 409)
  assert.equal(await change(ann, 'PUT', '/projects/team', { description: 'Ours' }), 204)
  assert.equal((await ask(ann, '/projects/team'))['visibility'], 'private')
  assert.deepEqual([await may(undefined, 'pull', 'team/app'), await may(eve, 'pull', 'team/app')], [401, 403])
  const words = async (project: string): Promise<string> => {
    const answer = await call(eve, 'GET', `/api/v1/projects/${project}`)
    return `${answer.status} ${(await answer.text()).replaceAll(project, 'PROJECT')}`
  }
  assert.equal(await words('team'), await words('none'))
  assert.equal(await change(ann, 'DELETE', '/projects/team'), 400)
  await call(ann, 'DELETE', '/api/v1/repositories/team/app')
  assert.equal(await change(ann, 'DELETE', '/projects/team'), 204)
  assert.equal(await change(eve, 'POST', '/projects', { name: 'team' }), 400)
  assert.equal(await change(root, 'POST', '/projects', { name: 'team' }), 201)
})

test('each person has the project of their own name by pushing into it, and nobody else’s', async () => {
  await using registry = await startTestRegistry({ settings: { projects: 'managers' } })
  const { ann, ben, root, change, may, ask } = await cast(registry)
  await pushImage(registry, 'eve/old', 'v1', { headers: { authorization: root } })
  const pushes = Array.from({ length: 4 }, (_, at) =>
    pushBlob(registry, 'ann/app', `layer ${at}`, { authorization: ann }),
  )
  await Promise.all(pushes)
  assert.equal((await ask(ann, '/projects/ann'))['mayOwn'], true)
  assert.deepEqual([await may(ben, 'push', 'ann/app'), await may(ben, 'push', 'ben/app')], [403, 202])
  assert.equal(await may(basic('eve', 'secret'), 'push', 'eve/new'), 403)
  assert.equal(await change(ben, 'POST', '/projects', { name: 'team' }), 403)
  assert.equal(await change(root, 'POST', '/projects', { name: 'team' }), 201)
})

/** In `small`, of whose 10 kB 9.8 are used. */
const manifestsCount = async (registry: TestRegistry, authorization: string, used: () => Promise<number>) => {
  const index = (note: string) =>
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [], annotations: { note } })
  const put = async (repository: string, text: string): Promise<[number, string]> => {
    const headers = { authorization, 'Content-Type': mediaTypes.ociIndex }
    const answer = await putManifest(registry, repository, 'v1', text, headers)
    return [answer.status, await answer.text()]
  }
  const [status, told] = await put('small/one', index('x'.repeat(300)))
  assert.equal(status, 403)
  assert.match(told, /project small has used 9.8 kB of 10 kB; this manifest needs \d+ B/)
  assert.equal(await used(), 9800)
  const little = index('')
  assert.deepEqual(
    [await put('small/one', little), await put('small/one', little)],
    [
      [201, ''],
      [201, ''],
    ],
  )
  assert.equal(await used(), 9800 + little.length)
  // It lies in each repository once more.
  assert.equal((await put('small/two', little))[0], 403)
}

const quotaHolds = async (registry: TestRegistry, root: string): Promise<void> => {
  const set = (quota: number) =>
    registry.call('PUT', '/api/v1/projects/small/quota', {
      headers: { authorization: root, 'content-type': 'application/json' },
      body: JSON.stringify({ quota }),
    })
  const used = async (): Promise<number> => {
    const page = await registry.call('GET', '/api/v1/projects/small', { headers: { authorization: root } })
    return ((await page.json()) as { used: number }).used
  }
  const authorization = root
  await registry.call('POST', '/api/v1/projects', {
    headers: { authorization, 'content-type': 'application/json' },
    body: '{"name":"small"}',
  })
  assert.equal((await set(10_000)).status, 204)
  await pushBlob(registry, 'small/one', 'x'.repeat(9500), { authorization })
  await pushBlob(registry, 'small/two', 'x'.repeat(9500), { authorization })
  assert.equal(await used(), 9500)
  const told = /project small has used 9.5 kB of 10 kB; this layer needs 600 B/
  const large = 'y'.repeat(600)
  const atOnce = await registry.call('POST', `/v2/small/one/blobs/uploads/?digest=${digestOf(large)}`, {
    headers: { authorization },
    body: large,
  })
  assert.deepEqual([atOnce.status, told.test(await atOnce.text())], [403, true])
  for (const method of ['PATCH', 'PUT']) {
    const begun = await registry.call('POST', '/v2/small/one/blobs/uploads/', { headers: { authorization } })
    const place = `${begun.headers.get('location')}?digest=${digestOf(large)}`
    const refused = await registry.call(method, place, { headers: { authorization }, body: large })
    assert.match(await refused.text(), told, method)
    assert.equal((await registry.call('GET', place, { headers: { authorization } })).status, 404)
  }
  // Room was there when two began, and only one of them may end.
  const half = ['a', 'b'].map((letter) => letter.repeat(300))
  const places = await Promise.all(
    half.map(async (text) => {
      const begun = await registry.call('POST', '/v2/small/one/blobs/uploads/', { headers: { authorization } })
      const place = begun.headers.get('location') ?? ''
      await registry.call('PATCH', place, { headers: { authorization }, body: text })
      return `${place}?digest=${digestOf(text)}`
    }),
  )
  const ends = await Promise.all(places.map((place) => registry.call('PUT', place, { headers: { authorization } })))
  assert.deepEqual(ends.map(({ status }) => status).sort(), [201, 403])
  assert.equal(await used(), 9800)
  assert.equal(
    (await registry.call('HEAD', `/v2/small/two/blobs/${digestOf('x'.repeat(9500))}`, { headers: { authorization } }))
      .status,
    200,
  )
  await manifestsCount(registry, authorization, used)
  await using database = await openRegistryDatabase(registry.places)
  await using storage = await openStorage(registry.places)
  const look = { repair: false, sample: 1, orphanAgeMs: 0 }
  assert.deepEqual(await Array.fromAsync(checkRegistry({ database, storage }, look)), [])
}

test('a quota counts each blob once, and refuses in numbers what there is no room for', async () => {
  await using registry = await startTestRegistry()
  const root = await makeAccount(registry, 'root')
  await quotaHolds(registry, root)
})

test('what is collected is not counted any more, and check finds and mends a count that is wrong', async () => {
  await using registry = await startTestRegistry({ retention: { unreferencedMs: 0 }, collectEveryMs: 1_000_000 })
  const { ann, change, ask } = await cast(registry)
  await change(ann, 'POST', '/projects', { name: 'team' })
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization: ann } })
  const kept = Number((await ask(ann, '/projects/team'))['used'])
  await pushBlob(registry, 'team/app', 'nobody needs this', { authorization: ann })
  assert.equal((await ask(ann, '/projects/team'))['used'], kept + 17)
  await registry.call('POST', '/api/v1/gc/run', { headers: { authorization: basic('root', 'secret') } })
  assert.equal((await ask(ann, '/projects/team'))['used'], kept)
  await registry.call('DELETE', '/v2/team/app/manifests/v1', { headers: { authorization: ann } })
  assert.equal((await ask(ann, '/projects/team'))['used'], kept)
  await using database = await openRegistryDatabase(registry.places)
  await using storage = await openStorage(registry.places)
  await database.sql`UPDATE project SET used = 1`
  const check = (repair: boolean) =>
    Array.fromAsync(checkRegistry({ database, storage }, { repair, sample: 0, orphanAgeMs: 1e9 }))
  assert.deepEqual(await check(true), [{ problem: 'wrong use', what: 'team', repaired: true }])
  assert.deepEqual(await check(false), [])
  assert.equal((await ask(ann, '/projects/team'))['used'], kept)
})

test('a robot of a project logs in with its secret until that ends, and reaches nothing else', async () => {
  await using registry = await startTestRegistry()
  const { ann, ben, change, call, may } = await cast(registry)
  await change(ann, 'POST', '/projects', { name: 'team', visibility: 'private' })
  const made = await call(ann, 'POST', '/api/v1/projects/team/robots', {
    name: 'ci',
    actions: 'pull,push',
    expiresIn: '1h',
  })
  const { name, secret } = (await made.json()) as { name: string; secret: string }
  assert.equal(name, 'team+ci')
  const robot = basic(name, secret)
  await pushImage(registry, 'team/app', 'v1', { headers: { authorization: robot } })
  assert.deepEqual([await may(robot, 'pull', 'team/app'), await may(robot, 'push', 'other/app')], [200, 403])
  assert.equal((await call(robot, 'DELETE', '/v2/team/app/manifests/v1')).status, 403)
  assert.equal((await call(ben, 'GET', '/api/v1/projects/team/robots')).status, 403)
  const { robots } = (await (await call(ann, 'GET', '/api/v1/projects/team/robots')).json()) as { robots: object[] }
  assert.deepEqual(
    robots.map((one) => [(one as { name: string }).name, (one as { rights: string }).rights]),
    [['team+ci', 'team/**:pull,push']],
  )
  const renewed = await call(ann, 'POST', '/api/v1/projects/team/robots/team+ci/secret', {})
  const again = basic(name, ((await renewed.json()) as { secret: string }).secret)
  assert.deepEqual([await may(robot, 'pull', 'team/app'), await may(again, 'pull', 'team/app')], [401, 200])
  assert.equal(await change(ann, 'POST', '/projects/team/robots', { name: 'boss', actions: 'manage' }), 400)
  assert.equal(await change(ann, 'DELETE', '/projects/team/robots/team+ci'), 204)
  assert.equal(await may(again, 'pull', 'team/app'), 401)
})

test('who maintains a project has its webhooks, and those of others aren’t there', async () => {
  await using registry = await startTestRegistry()
  const { ann, root, change, call, ask } = await cast(registry)
  await change(ann, 'POST', '/projects', { name: 'my_team' })
  await change(root, 'POST', '/projects', { name: 'myxteam' })
  const add = (who: string, project: string, body: object) => change(who, 'POST', `/projects/${project}/webhooks`, body)
  const url = 'https://hooks.example/one'
  assert.equal(await add(ann, 'my_team', { url }), 201)
  assert.equal(await add(ann, 'my_team', { url, pattern: '**' }), 400)
  assert.equal(await add(ann, 'my_team', { url, pattern: 'myxteam/**' }), 400)
  assert.equal(await add(root, 'myxteam', { url, pattern: 'myxteam/app' }), 201)
  const hooksOf = async (who: string, project: string) =>
    (await ask(who, `/projects/${project}/webhooks`))['webhooks'] as unknown as { id: string; pattern: string }[]
  assert.deepEqual(
    (await hooksOf(ann, 'my_team')).map(({ pattern }) => pattern),
    ['my_team/**'],
  )
  const [others] = await hooksOf(root, 'myxteam')
  for (const [method, path] of [
    ['DELETE', ''],
    ['GET', '/deliveries'],
  ] as const) {
    const answer = await call(ann, method, `/api/v1/projects/my_team/webhooks/${others?.id}${path}`)
    assert.equal(answer.status, 404)
  }
})
