import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { digestOf } from '@slipway/core'
import type { Route } from '@slipway/http'
import { openRegistryDatabase, tokenKeyOf } from '../places.ts'
import { setMember } from '../projects/members.ts'
import { addProject } from '../projects/records.ts'
import { addProjectRobot } from '../projects/robots.ts'
import type { Registry } from '../registry.ts'
import { routes } from '../server.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'
import { signToken } from '../tokens/token.ts'

/** Who comes, from the one who may least; the robot may pull and push in the project. */
const roles = ['nobody', 'stranger', 'guest', 'developer', 'robot', 'maintainer', 'owner', 'manager'] as const
type Role = (typeof roles)[number]

/**
 * Whom a route is for: whoever is a member at least so far, or
 * - open: everyone, whatever they show; anyone: the same, but who shows something wrong is told so
 * - account: whoever says who they are; person: who has a password
 * - credentials: nobody who shows nothing in the body
 */
type Least = 'open' | 'anyone' | 'account' | 'person' | 'credentials' | Exclude<Role, 'nobody' | 'stranger' | 'robot'>

const on = '/api/v1/repositories/{name...}'
const project = '/api/v1/projects/{project}'

/** Every route has its line: one that is new fails the test until somebody has said whom it is for. */
const table: Readonly<Record<string, Least>> = {
  'GET /v2/': 'account',
  'GET /v2': 'account',
  'GET /v2/_catalog': 'account',
  'GET /v2/{name...}/manifests/{reference}': 'guest',
  'PUT /v2/{name...}/manifests/{reference}': 'developer',
  'DELETE /v2/{name...}/manifests/{reference}': 'maintainer',
  'POST /v2/{name...}/blobs/uploads/': 'developer',
  'POST /v2/{name...}/blobs/uploads': 'developer',
  'GET /v2/{name...}/blobs/uploads/{upload}': 'developer',
  'PATCH /v2/{name...}/blobs/uploads/{upload}': 'developer',
  'PUT /v2/{name...}/blobs/uploads/{upload}': 'developer',
  'DELETE /v2/{name...}/blobs/uploads/{upload}': 'developer',
  'GET /v2/{name...}/blobs/{digest}': 'guest',
  'DELETE /v2/{name...}/blobs/{digest}': 'maintainer',
  'GET /v2/{name...}/tags/list': 'guest',
  'GET /v2/{name...}/referrers/{digest}': 'guest',
  'GET /token': 'anyone',
  'POST /token': 'credentials',
  'GET /v1/_ping': 'open',
  'GET /v1/search': 'anyone',
  'GET /healthz': 'open',
  'GET /readyz': 'open',
  'GET /metrics': 'open',

  'POST /api/v1/session': 'open',
  'GET /api/v1/session': 'anyone',
  'DELETE /api/v1/session': 'open',
  'GET /api/v1/sessions': 'person',
  'DELETE /api/v1/sessions/{id}': 'person',
  'PUT /api/v1/password': 'account',
  'GET /api/v1/sign-in': 'open',
  'POST /api/v1/sign-up': 'open',
  'GET /api/v1/invitations': 'manager',
  'POST /api/v1/invitations': 'manager',
  'DELETE /api/v1/invitations/{id}': 'manager',
  'GET /api/v1/accounts': 'manager',
  'POST /api/v1/accounts': 'manager',
  'DELETE /api/v1/accounts/{account}': 'manager',
  'PUT /api/v1/accounts/{account}/disabled': 'manager',
  'DELETE /api/v1/accounts/{account}/disabled': 'manager',
  'POST /api/v1/accounts/{account}/one-time-password': 'manager',
  'PUT /api/v1/accounts/{account}/grants': 'manager',
  'DELETE /api/v1/accounts/{account}/grants': 'manager',
  'PUT /api/v1/accounts/{account}/second-factor': 'manager',
  'DELETE /api/v1/accounts/{account}/second-factor': 'manager',
  'GET /api/v1/second-factor': 'person',
  'POST /api/v1/second-factor': 'person',
  'PUT /api/v1/second-factor': 'person',
  'DELETE /api/v1/second-factor': 'person',
  'POST /api/v1/second-factor/recovery-codes': 'person',
  'GET /api/v1/identities': 'person',
  'DELETE /api/v1/identities/{id}': 'person',
  'GET /sign-in/oidc': 'open',
  'GET /sign-in/oidc/callback': 'open',
  'GET /api/v1/tokens': 'person',
  'POST /api/v1/tokens': 'person',
  'DELETE /api/v1/tokens/{id}': 'person',

  'GET /api/v1/repositories': 'anyone',
  [`GET ${on}/-/summary`]: 'guest',
  [`PUT ${on}/-/summary`]: 'developer',
  [`PUT ${on}/-/visibility`]: 'owner',
  [`PUT ${on}/-/official`]: 'manager',
  [`PUT ${on}/-/star`]: 'guest',
  [`DELETE ${on}/-/star`]: 'guest',
  [`GET ${on}/-/tags`]: 'guest',
  [`DELETE ${on}/-/tags/{tag}`]: 'maintainer',
  [`GET ${on}/-/images/{digest}`]: 'guest',
  [`GET ${on}/tags/{tag}/history`]: 'guest',
  [`POST ${on}/tags/{tag}/rollback`]: 'developer',
  [`GET ${on}/trash`]: 'maintainer',
  [`POST ${on}/undelete`]: 'maintainer',
  [`DELETE ${on}`]: 'maintainer',

  'GET /api/v1/projects': 'anyone',
  'POST /api/v1/projects': 'person',
  [`GET ${project}`]: 'guest',
  [`PUT ${project}`]: 'owner',
  [`DELETE ${project}`]: 'owner',
  [`PUT ${project}/quota`]: 'manager',
  [`GET ${project}/members`]: 'developer',
  [`PUT ${project}/members/{kind}/{name}`]: 'owner',
  [`DELETE ${project}/members/{kind}/{name}`]: 'owner',
  [`GET ${project}/robots`]: 'maintainer',
  [`POST ${project}/robots`]: 'maintainer',
  [`DELETE ${project}/robots/{robot}`]: 'maintainer',
  [`POST ${project}/robots/{robot}/secret`]: 'maintainer',
  [`GET ${project}/rules`]: 'developer',
  [`POST ${project}/rules`]: 'maintainer',
  [`DELETE ${project}/rules/{rule}`]: 'maintainer',
  [`POST ${project}/retention/plan`]: 'maintainer',
  [`POST ${project}/retention/run`]: 'maintainer',
  [`GET ${project}/webhooks`]: 'maintainer',
  [`POST ${project}/webhooks`]: 'maintainer',
  [`DELETE ${project}/webhooks/{id}`]: 'maintainer',
  [`GET ${project}/webhooks/{id}/deliveries`]: 'maintainer',
  [`POST ${project}/webhooks/{id}/deliveries/{delivery}/again`]: 'maintainer',

  'GET /api/v1/teams': 'account',
  'POST /api/v1/teams': 'manager',
  'DELETE /api/v1/teams/{team}': 'manager',
  'PUT /api/v1/teams/{team}/members/{account}': 'manager',
  'DELETE /api/v1/teams/{team}/members/{account}': 'manager',
  'GET /api/v1/webhooks': 'manager',
  'POST /api/v1/webhooks': 'manager',
  'DELETE /api/v1/webhooks/{id}': 'manager',
  'GET /api/v1/webhooks/{id}/deliveries': 'manager',
  'POST /api/v1/webhooks/{id}/deliveries/{delivery}/again': 'manager',
  'GET /api/v1/feed': 'anyone',
  'GET /api/v1/feed/live': 'anyone',
  'GET /api/v1/gc': 'manager',
  'POST /api/v1/gc/run': 'manager',
  'GET /api/v1/audit': 'manager',
  'GET /api/v1/audit/export': 'manager',
  'GET /api/v1/openapi.json': 'open',
}

const nameOf = ({ method, path }: Route<Registry>): string => `${method} ${path}`

const ranks: Readonly<Record<string, number>> = {
  guest: 1,
  developer: 2,
  robot: 2,
  maintainer: 3,
  owner: 4,
  manager: 5,
}

const isFor = (least: Least, role: Role): boolean => {
  if (least === 'open' || least === 'anyone') return true
  if (least === 'credentials' || role === 'nobody') return false
  if (least === 'account') return true
  if (least === 'person') return role !== 'robot'
  return (ranks[role] ?? 0) >= (ranks[least] ?? 0)
}

/** The private project `team`, the public `open`, and what each role shows. */
const furnish = async (registry: TestRegistry): Promise<Readonly<Record<Role | 'expired', string | undefined>>> => {
  const manager = await makeAccount(registry, 'manager')
  const person = (name: string) => makeAccount(registry, name, 'secret', { pattern: 'nowhere', actions: ['pull'] })
  const [stranger, guest, developer, maintainer, owner] = [
    await person('stranger'),
    await person('guest'),
    await person('developer'),
    await person('maintainer'),
    await person('owner'),
  ]
  await using database = await openRegistryDatabase(registry.places)
  const robot = await database.transaction(async (sql) => {
    const made = { description: '', quota: null, by: 'owner' }
    await addProject(sql, { ...made, name: 'team', visibility: 'private' }, { over: false })
    await addProject(sql, { ...made, name: 'open', visibility: 'public' }, { over: false })
    for (const role of ['guest', 'developer', 'maintainer'] as const) {
      await setMember(sql, 'team', { kind: 'account', name: role }, role)
    }
    const rights = { actions: ['pull', 'push'] as const, expiresAt: undefined, by: null }
    return addProjectRobot(sql, { project: 'team', name: 'ci', description: '', ...rights })
  })
  for (const name of ['team/app', 'open/app'])
    await pushImage(registry, name, 'v1', { headers: { authorization: manager } })
  const claims = { subject: 'manager', access: [{ type: 'repository', name: 'team/app', actions: ['*'] }] }
  const old = new Date(Date.now() - 3_600_000)
  const expired = `Bearer ${await signToken(await tokenKeyOf(registry.places, database), claims, old)}`
  return {
    nobody: undefined,
    stranger,
    guest,
    developer,
    robot: basic(robot.name, robot.secret),
    maintainer,
    owner,
    manager,
    expired,
  }
}

/** Nothing of what is named is there, so that nothing is changed and all are asked of the same registry. */
const addressIn = (path: string, place: string): string =>
  path
    .replace('{name...}', `${place}/none`)
    .replace('{project}', place)
    .replace('{digest}', digestOf('unknown'))
    .replace('{upload}', randomUUID())
    .replace('{kind}', 'account')
    .replaceAll(/\{\w+\}/g, 'none')

/** Where it is the body that a handler asks about rights. */
const bodies: Readonly<Record<string, object>> = { 'POST /api/v1/projects': { name: 'Not a name' } }

const ask = async (
  registry: TestRegistry,
  { method, path }: Route<Registry>,
  place: string,
  authorization: string | undefined,
): Promise<'done' | number> => {
  const response = await registry.call(method, addressIn(path, place), {
    headers: {
      origin: registry.url,
      'content-type': 'application/json',
      ...(authorization === undefined ? {} : { authorization }),
    },
    ...(method === 'GET' ? {} : { body: JSON.stringify(bodies[`${method} ${path}`] ?? {}) }),
  })
  // A feed never ends.
  await response.body?.cancel()
  assert.ok(response.status < 500, `${method} ${path}: ${response.status}`)
  return response.status === 401 || response.status === 403 ? response.status : 'done'
}

test('every route is for whom its line says, and for nobody else', async () => {
  assert.deepEqual(routes.map(nameOf).toSorted(), Object.keys(table).toSorted())
  await using registry = await startTestRegistry()
  const callers = await furnish(registry)
  for (const route of routes) {
    const least = table[nameOf(route)] ?? 'open'
    const found: Record<string, unknown> = {}
    const expected: Record<string, unknown> = {}
    for (const role of roles) {
      const refusal = role === 'nobody' || least === 'credentials' ? 401 : 403
      found[role] = await ask(registry, route, 'team', callers[role])
      expected[role] = isFor(least, role) ? 'done' : refusal
    }
    found['expired'] = await ask(registry, route, 'team', callers.expired)
    expected['expired'] = least === 'open' ? 'done' : 401
    assert.deepEqual(found, expected, nameOf(route))
  }
})

test('of what is public everyone sees what a guest sees of the rest', async () => {
  await using registry = await startTestRegistry()
  const callers = await furnish(registry)
  const reading = routes.filter((route) => table[nameOf(route)] === 'guest' && route.method === 'GET')
  assert.ok(reading.length > 7)
  for (const { method, path, handle } of reading) {
    const route = { method, path: path.replace('{name...}', 'open/app'), handle }
    for (const role of roles) assert.equal(await ask(registry, route, 'open', callers[role]), 'done', `${path} ${role}`)
    assert.equal(await ask(registry, route, 'open', callers.expired), 401, path)
  }
})
