import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openSqlite } from '@slipway/database'
import { formatGrants } from '../../access/pattern.ts'
import { giveGrant, listGrants } from '../../accounts/grants.ts'
import { addHashedAccount } from '../../accounts/records.ts'
import { migrations } from '../../metadata/schema.ts'
import { followGroups, managersRule, parseGroupRules } from './groups.ts'

test('parseGroupRules() reads teams and grants, of groups told by a name or a distinguished name', () => {
  assert.deepEqual(parseGroupRules(' Devs = team backend; CN=ops,OU=groups=lib/**:pull other:*;'), [
    { group: 'devs', team: 'backend' },
    {
      group: 'cn=ops,ou=groups',
      grants: [
        { pattern: 'lib/**', actions: ['pull'] },
        { pattern: 'other', actions: ['pull', 'push', 'delete', 'manage'] },
      ],
    },
  ])
  assert.deepEqual(parseGroupRules(''), [])
  for (const text of ['devs', '=team a', 'devs=', 'devs=team a/b', 'devs=nonsense', 'devs=**:fly']) {
    assert.throws(() => parseGroupRules(text), { code: 'invalid' }, text)
  }
})

test('followGroups() gives and takes what its rules name, and leaves all else', async () => {
  await using database = await openSqlite(':memory:')
  await database.migrate(migrations)
  const { sql } = database
  await addHashedAccount(sql, 'ada', '', [{ pattern: 'own/**', actions: ['pull', 'push'] }])
  await sql`INSERT INTO team (name, created_at) VALUES (${'other'}, ${new Date()})`
  await sql`INSERT INTO team_member (team, account) VALUES (${'other'}, ${'ada'})`
  const rules = [...parseGroupRules('devs=team backend;devs=lib/**:pull;ops=lib/**:push'), ...managersRule('Admins')]
  const now = async (groups: readonly string[]): Promise<readonly string[]> => {
    await followGroups(sql, 'ada', rules, groups)
    const teams = await sql<{ team: string }>`SELECT team FROM team_member WHERE account = ${'ada'} ORDER BY team`
    return [...teams.map(({ team }) => team), formatGrants(await listGrants(sql, 'ada'))]
  }
  assert.deepEqual(await now(['DEVS', 'unknown']), ['backend', 'other', 'lib/**:pull own/**:pull,push'])
  assert.deepEqual(await now(['devs', 'ops']), ['backend', 'other', 'lib/**:pull,push own/**:pull,push'])
  assert.deepEqual(await now(['admins']), ['other', '**:pull,push,delete,manage own/**:pull,push'])
  await giveGrant(sql, 'ada', { pattern: 'mine', actions: ['pull'] })
  assert.deepEqual(await now([]), ['other', 'mine:pull own/**:pull,push'])
})
