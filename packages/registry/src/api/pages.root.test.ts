import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@slipway/client/hub/client'
import { PostgresServer } from '@slipway/database/testing'
import { openRegistryDatabase } from '../places.ts'
import { makeAccount, startTestRegistry, type TestRegistry } from '../testing.ts'

const many = Array.from({ length: 230 }, (_, at) => `p${String(at).padStart(3, '0')}`)

/** Accounts, teams and members, more than two pages of each. */
const fill = async (registry: TestRegistry): Promise<void> => {
  await makeAccount(registry, 'root')
  await using database = await openRegistryDatabase(registry.places)
  const at = new Date()
  await database.transaction(async (sql) => {
    await sql`INSERT INTO project (name, visibility, created_at) VALUES ('team', 'public', ${at})`
    for (const name of many) {
      await sql`
        INSERT INTO account (name, kind, password, created_at, changed_at) VALUES (${name}, 'user', '', ${at}, ${at})`
      await sql`
        INSERT INTO account_grant (account, pattern, names, actions) VALUES (${name}, ${name}, ${name}, 'pull,push')`
      await sql`INSERT INTO team (name, created_at) VALUES (${name}, ${at})`
      await sql`INSERT INTO project_member (project, account, role, added_at) VALUES ('team', ${name}, 'guest', ${at})`
      await sql`INSERT INTO project_team (project, team, role, added_at) VALUES ('team', ${name}, 'owner', ${at})`
    }
  })
}

const comeInPages = async (registry: TestRegistry): Promise<void> => {
  await fill(registry)
  const credentials = { username: 'root', password: 'secret' }
  await using hub = new sdk.HubClient({ url: registry.url, credentials })
  const accounts = await Array.fromAsync(sdk.listAccounts(hub))
  assert.deepEqual(
    accounts.map(({ name }) => name),
    [...many, 'root'],
  )
  assert.ok(accounts.every(({ name, grants }) => name === 'root' || grants[0]?.pattern === name))
  const members = await Array.fromAsync(sdk.listMembers(hub, 'team'))
  assert.deepEqual(
    members.map(({ kind, name }) => `${kind} ${name}`),
    ['account', 'team'].flatMap((kind) => many.map((name) => `${kind} ${name}`)),
  )
  assert.equal((await Array.fromAsync(sdk.listTeams(hub))).length, many.length)
  const first = await hub.json<{ accounts: unknown[]; next: string }>({ path: '/accounts' })
  assert.deepEqual([first.accounts.length, first.next], [100, 'p099'])
  await assert.rejects(hub.json({ path: '/projects/team/members', query: { after: 'nobody' } }), { code: 'invalid' })
}

test('people, teams and members come in pages, over SQLite and PostgreSQL', async () => {
  await using sqlite = await startTestRegistry()
  await comeInPages(sqlite)
  await using server = await PostgresServer.start()
  await using postgres = await startTestRegistry({ database: await server.createDatabase() })
  await comeInPages(postgres)
})
