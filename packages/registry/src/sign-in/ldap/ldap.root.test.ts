import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { Attribute, Change } from 'ldapts'
import { browserOf, json, messageIn, signedIn } from '../../hub/testing.ts'
import { basic, makeAccount, pushImage, startTestRegistry, type TestRegistry } from '../../testing.ts'
import { parseGroupRules } from '../elsewhere/groups.ts'
import type { LdapSettings } from './settings.ts'
import { baseDn, looker, SlapdServer } from './testing/slapd-server.ts'

const person = (uid: string, password: string): string => `
dn: uid=${uid},ou=people,${baseDn}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid}
sn: ${uid}
mail: ${uid}@example.org
userPassword: ${password}
`

const member = (dn: string): Attribute => new Attribute({ type: 'member', values: [dn] })

const people = `
dn: ${baseDn}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ${looker.dn}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: looker
userPassword: ${looker.password}

dn: ou=people,${baseDn}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${baseDn}
objectClass: organizationalUnit
ou: groups
${person('mary', 'ticket to ride')}${person('Noor', 'day tripper')}${person('ada', 'of the directory')}
dn: cn=devs,ou=groups,${baseDn}
objectClass: groupOfNames
cn: devs
member: uid=mary,ou=people,${baseDn}
`

describe('a directory', () => {
  let slapd: SlapdServer
  before(async () => {
    slapd = await SlapdServer.start(people)
  })
  after(() => slapd[Symbol.asyncDispose]())

  const settings = (): LdapSettings => ({
    url: slapd.url,
    startTls: false,
    ca: undefined,
    search: { base: `ou=people,${baseDn}`, filter: '(|(uid={user})(mail={user}))' },
    userDn: undefined,
    bind: looker,
    nameAttribute: 'uid',
    idAttribute: 'entryUUID',
    groups: { base: `ou=groups,${baseDn}`, filter: '(member={dn})' },
  })

  const start = (ldap: Partial<LdapSettings> = {}): Promise<TestRegistry> =>
    startTestRegistry({
      signIn: { ldap: { ...settings(), ...ldap }, groupRules: parseGroupRules('devs=team/**:pull,push') },
    })

  const login = async (registry: TestRegistry, user: string, password: string): Promise<number> =>
    (await registry.call('GET', '/token', { headers: { authorization: basic(user, password) } })).status

  test('its people log in and push what their groups may, and into a project of their own', async () => {
    await using registry = await start()
    await makeAccount(registry, 'root')
    const mary = { authorization: basic('mary', 'ticket to ride') }
    await pushImage(registry, 'team/app', 'v1', { headers: mary })
    await pushImage(registry, 'mary/app', 'v1', { headers: mary })
    const noor = { authorization: basic('noor', 'day tripper') }
    await assert.rejects(pushImage(registry, 'team/app', 'v2', { headers: noor }), /403/)
    assert.equal(await login(registry, 'NOOR', 'day tripper'), 200)
    const browser = await signedIn(registry, 'mary', 'ticket to ride')
    const session = (await (await browser.ask('GET', '/api/v1/session')).json()) as { account: string }
    assert.equal(session.account, 'mary')
    const change = await browser.ask('PUT', '/api/v1/password', json({ old: 'ticket to ride', new: 'day in the life' }))
    assert.equal(change.status, 404)
    const root = await signedIn(registry, 'root')
    assert.equal((await root.ask('PUT', '/api/v1/accounts/mary/disabled')).status, 204)
    assert.equal(await login(registry, 'mary', 'ticket to ride'), 401)
  })

  test('a wrong password, a name that is none, and no password are refused, also where they mean something to a directory', async () => {
    await using registry = await start()
    await makeAccount(registry, 'root')
    for (const [user, password] of [
      ['mary', 'wrong'],
      ['mary', ''],
      ['nobody', 'ticket to ride'],
      ['*', 'ticket to ride'],
      ['m*', 'ticket to ride'],
      ['mary)(uid=*', 'ticket to ride'],
      ['*)(|(uid=mary', 'ticket to ride'],
      ['mary@example.org', 'ticket to ride'],
      ['mary\0', 'ticket to ride'],
      ['', 'ticket to ride'],
      ['x'.repeat(5000), 'ticket to ride'],
    ] as const) {
      assert.equal(await login(registry, user, password), 401, user)
    }
    assert.equal(await login(registry, 'mary', 'ticket to ride'), 200)
  })

  test('nobody there takes over an account of ours by its name', async () => {
    await using registry = await start()
    await makeAccount(registry, 'ada', 'our secret')
    await makeAccount(registry, 'Mary', 'our secret')
    assert.equal(await login(registry, 'ada', 'of the directory'), 401)
    assert.equal(await login(registry, 'ada', 'our secret'), 200)
    const refused = await registry.call('GET', '/token', {
      headers: { authorization: basic('mary', 'ticket to ride') },
    })
    assert.equal(refused.status, 403)
    assert.match(await messageIn(refused), /somebody else has the account of your name/)
  })

  test('without looking, a template names people', async () => {
    await using registry = await start({
      search: undefined,
      userDn: `uid={user},ou=people,${baseDn}`,
      bind: undefined,
      groups: undefined,
    })
    await makeAccount(registry, 'root')
    assert.equal(await login(registry, 'mary', 'ticket to ride'), 200)
    for (const user of ['mary,ou=people', 'mary+cn=mary', 'x\\,uid=mary', '']) {
      assert.equal(await login(registry, user, 'ticket to ride'), 401, user)
    }
  })

  test('TLS is asked for, and its certificate is looked at', async () => {
    await using plain = await start({ startTls: true, ca: slapd.certificate })
    await makeAccount(plain, 'root')
    assert.equal(await login(plain, 'mary', 'ticket to ride'), 200)
    await using secure = await start({ url: slapd.secureUrl, ca: slapd.certificate })
    await makeAccount(secure, 'root')
    assert.equal(await login(secure, 'mary', 'ticket to ride'), 200)
    for (const unknown of [{ startTls: true }, { url: slapd.secureUrl }]) {
      await using registry = await start(unknown)
      assert.equal(await login(registry, 'mary', 'ticket to ride'), 503)
    }
  })

  test('while it is away our own accounts go on, others are told to come back, and nobody is locked out', async () => {
    await using registry = await start()
    await makeAccount(registry, 'ada', 'our secret')
    assert.equal(await login(registry, 'mary', 'ticket to ride'), 200)
    await slapd.stop()
    try {
      assert.equal(await login(registry, 'ada', 'our secret'), 200)
      assert.equal(await login(registry, 'mary', 'ticket to ride'), 200, 'it was right a moment ago')
      for (let count = 0; count < 12; count += 1) assert.equal(await login(registry, 'noor', 'day tripper'), 503)
      const page = await browserOf(registry).ask('POST', '/api/v1/session', json({ user: 'noor', password: 'x' }))
      assert.match(await messageIn(page), /the directory can’t be asked/)
      assert.ok(Number(page.headers.get('retry-after')) > 0)
    } finally {
      await slapd.run()
    }
    assert.equal(await login(registry, 'noor', 'day tripper'), 200)
  })

  test('who leaves it is out with all that was made before, and in again with it; groups are followed meanwhile', async () => {
    await using registry = await startTestRegistry({
      signIn: { ldap: settings(), groupRules: parseGroupRules('devs=team/**:pull,push'), lookEveryMs: 0, maxAgeMs: 0 },
      settings: { identityTokens: true },
    })
    await makeAccount(registry, 'root')
    const mary = { authorization: basic('mary', 'ticket to ride') }
    const made = await registry.call('POST', '/api/v1/tokens', {
      ...json({ name: 'laptop' }),
      headers: { ...mary, 'content-type': 'application/json' },
    })
    const { token } = (await made.json()) as { token: string }
    const given = await registry.call('GET', '/token?offline_token=true&client_id=docker', { headers: mary })
    const { token: bearer, refresh_token } = (await given.json()) as { token: string; refresh_token: string }
    const browser = await signedIn(registry, 'mary', 'ticket to ride')
    const ways = async (): Promise<readonly unknown[]> => {
      const refresh = new URLSearchParams({ grant_type: 'refresh_token', refresh_token })
      const session = (await (await browser.ask('GET', '/api/v1/session')).json()) as { account: string | null }
      return [
        (await registry.call('GET', '/v2/', { headers: { authorization: basic('mary', token) } })).status,
        (await registry.call('GET', '/v2/', { headers: { authorization: `Bearer ${bearer}` } })).status,
        (await registry.call('POST', '/token', { body: refresh })).status,
        session.account,
      ]
    }
    assert.deepEqual(await ways(), [200, 200, 200, 'mary'])
    const dn = `uid=mary,ou=people,${baseDn}`
    const devs = `cn=devs,ou=groups,${baseDn}`
    const push = async (): Promise<number> =>
      (
        await registry.call('POST', '/v2/team/app/blobs/uploads/', {
          headers: { authorization: basic('mary', token) },
        })
      ).status
    assert.equal(await push(), 202)
    await slapd.change((client) =>
      client.modify(devs, new Change({ operation: 'replace', modification: member(looker.dn) })),
    )
    assert.equal(await push(), 403)
    await slapd.change((client) => client.modify(devs, new Change({ operation: 'replace', modification: member(dn) })))
    await slapd.change((client) => client.modifyDN(dn, `uid=gone,ou=people,${baseDn}`))
    assert.deepEqual(await ways(), [401, 401, 401, null])
    // Somebody else of that name is somebody else.
    await slapd.change((client) =>
      client.add(dn, { objectClass: 'inetOrgPerson', uid: 'mary', cn: 'mary', sn: 'mary' }),
    )
    assert.deepEqual(await ways(), [401, 401, 401, null])
    await slapd.change(async (client) => {
      await client.del(dn)
      await client.modifyDN(`uid=gone,ou=people,${baseDn}`, dn)
    })
    assert.deepEqual(await ways(), [200, 200, 200, 'mary'])
    await slapd.stop()
    try {
      assert.deepEqual(await ways(), [200, 200, 200, 'mary'], 'while it is away, what was true goes on')
    } finally {
      await slapd.run()
    }
  })

  test('ten wrong passwords are enough', async () => {
    await using registry = await start()
    await makeAccount(registry, 'root')
    for (let count = 0; count < 10; count += 1) assert.equal(await login(registry, 'mary', `guess ${count}`), 401)
    assert.equal(await login(registry, 'mary', 'ticket to ride'), 429)
  })

  test('a directory that closes the connection after TLS was asked for is told no password', async (t) => {
    const heard: string[] = []
    const server = createServer((socket) => {
      socket.on('data', (bytes) => {
        heard.push(bytes.toString('latin1'))
        socket.destroy()
      })
      socket.on('error', () => undefined)
    }).listen(0, '127.0.0.1')
    t.after(() => server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as { port: number }
    await using registry = await start({ url: `ldap://127.0.0.1:${port}`, startTls: true })
    await makeAccount(registry, 'root')
    assert.equal(await login(registry, 'mary', 'ticket to ride'), 503)
    assert.equal(heard.length, 1)
    assert.equal(
      heard.some((text) => text.includes('ticket') || text.includes(looker.password)),
      false,
    )
  })
})
