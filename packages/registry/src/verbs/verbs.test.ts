import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { hash } from 'bcryptjs'
import { verbs } from '../administer.ts'
import { registryMain } from '../main.ts'
import { basic, makeAccount, pushBlob, pushImage, startTestRegistry, type TestRegistry } from '../testing.ts'

/** Runs `slipway registry …` beside the registry, and returns what it printed. */
const administer = async (t: TestContext, { dataRoot }: TestRegistry, ...words: string[]): Promise<string> => {
  const printed: string[] = []
  const out = t.mock.method(process.stdout, 'write', (line: string) => printed.push(line))
  try {
    assert.equal(await registryMain([...words, '--data-root', dataRoot]), 0)
  } finally {
    out.mock.restore()
  }
  return printed.join('')
}

test('tags are looked back at and rolled back from the command line', async (t) => {
  await using registry = await startTestRegistry()
  const first = await pushImage(registry, 'user/app', 'v1')
  const second = await pushImage(registry, 'user/app', 'v1', { layer: 'newer' })
  const history = await administer(t, registry, 'tag', 'history', 'user/app', 'v1')
  assert.deepEqual(
    history
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[1]),
    [second.digest, first.digest],
  )
  assert.equal(await administer(t, registry, 'tag', 'rollback', 'user/app', 'v1'), `${first.digest}\n`)
  assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), first.text)
  await administer(t, registry, 'tag', 'rollback', 'user/app', 'v1', second.digest)
  assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), second.text)
})

test('a repository is deleted and undeleted from the command line', async (t) => {
  await using registry = await startTestRegistry()
  const { digest, text } = await pushImage(registry, 'user/app', 'v1')
  await administer(t, registry, 'repository', 'delete', 'user/app')
  assert.equal((await registry.call('GET', '/v2/user/app/manifests/v1')).status, 404)
  assert.match(await administer(t, registry, 'repository', 'trash', 'user/app'), new RegExp(`\\t${digest}\\t`))
  assert.equal(await administer(t, registry, 'undelete', 'user/app'), `${digest}\n`)
  assert.equal(await (await registry.call('GET', '/v2/user/app/manifests/v1')).text(), text)
})

test('garbage is collected from the command line, and the status tells of it', async (t) => {
  await using registry = await startTestRegistry({ retention: { unreferencedMs: 0 }, collectEveryMs: 1_000_000 })
  await registry.call('POST', '/api/v1/gc/run')
  await pushBlob(registry, 'user/app', 'nobody needs this')
  assert.match(await administer(t, registry, 'gc', 'run'), /^1 reviewed, 1 collected, 0 failed, 0 bytes freed\n/)
  const status = await administer(t, registry, 'gc', 'status')
  assert.match(status, /^object\t1\t0\t0\t17\tin 1[45]m/m)
  assert.match(status, /^blob\t1\t1\t0$/m)
  assert.equal(await administer(t, registry, 'check', '--sample', '50'), 'Everything is as it should be.\n')
})

test('accounts, robots and tokens are made with what they may do', async (t) => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'james')
  const robot = (await administer(t, registry, 'robot', 'add', 'ci', 'team/**', 'pull,push', '30d')).trim()
  const begin = async (repository: string, user: string, password: string): Promise<number> =>
    (
      await registry.call('POST', `/v2/${repository}/blobs/uploads/`, {
        headers: { Authorization: basic(user, password) },
      })
    ).status
  assert.deepEqual([await begin('team/app', 'ci', robot), await begin('other', 'ci', robot)], [202, 403])
  await administer(t, registry, 'user', 'grant', 'ci', 'other', '*')
  assert.equal(await begin('other', 'ci', robot), 202)
  await administer(t, registry, 'user', 'revoke', 'ci', 'team/**')
  assert.equal(await begin('team/app', 'ci', robot), 403)
  assert.match(await administer(t, registry, 'user', 'list'), /^ci\t\S+\trobot\tother:pull,push,delete,manage\n/)

  const token = (await administer(t, registry, 'token', 'add', 'james', 'laptop', 'team/**:pull,push')).trim()
  assert.deepEqual([await begin('team/app', 'james', token), await begin('other', 'james', token)], [202, 403])
  const [id = ''] = (await administer(t, registry, 'token', 'list', 'james')).split('\t')
  await administer(t, registry, 'token', 'remove', 'james', id)
  assert.equal(await begin('team/app', 'james', token), 401)
})

test('an htpasswd file becomes accounts, and a repository private', async (t) => {
  await using registry = await startTestRegistry()
  await pushImage(registry, 'user/app', 'v1')
  const path = join(registry.dataRoot, 'htpasswd')
  await writeFile(path, `james:${(await hash('secret', 4)).replace('$2b$', '$2y$')}\n`)
  assert.equal(await administer(t, registry, 'htpasswd', 'import', path), '1 accounts were imported.\n')
  assert.match(await administer(t, registry, 'htpasswd', 'import', path), /^0 accounts .*\njames is there already/)
  await administer(t, registry, 'repository', 'visibility', 'user/app', 'private')
  const pull = async (headers: Record<string, string>): Promise<number> =>
    (await registry.call('GET', '/v2/user/app/manifests/v1', { headers })).status
  assert.deepEqual([await pull({}), await pull({ Authorization: basic('james', 'secret') })], [401, 200])
})

test('what check and the others are asked wrongly is told in one line', async (t) => {
  await using registry = await startTestRegistry()
  const told: string[] = []
  t.mock.method(process.stderr, 'write', (line: string) => told.push(line))
  for (const words of [
    ['check', '--sample', '101'],
    ['check', '--orphan-age', 'old'],
    ['undelete', 'UPPER'],
    ['undelete', 'user/app', 'sha256:short'],
    ['tag', 'history', 'user/app'],
    ['tag', 'rollback', 'user/app', '-v1'],
    ['gc'],
    ['robot', 'add', 'ci', 'team/*', 'pull'],
    ['token', 'add', 'james', 'x', 'team'],
    ['htpasswd', 'import', '/nowhere'],
    ['repository', 'visibility', 'user/app', 'secret'],
  ]) {
    assert.equal(await registryMain([...words, '--data-root', registry.dataRoot]), 2, words.join(' '))
    assert.match(told.pop() ?? '', /^slipway registry: [^\n]+\n$/)
  }
})

test('what is changed from the command line is in the audit, with the user of the machine', async (t) => {
  await using registry = await startTestRegistry()
  await makeAccount(registry, 'ann')
  await pushImage(registry, 'team/app', 'v1', { headers: { Authorization: basic('ann', 'secret') } })
  await administer(t, registry, 'user', 'grant', 'ann', 'team/**', 'pull')
  await administer(t, registry, 'user', 'revoke', 'ann', '**')
  await administer(t, registry, 'repository', 'visibility', 'team/app', 'private')
  await administer(t, registry, 'user', 'list')
  const printed = await administer(t, registry, 'audit', '--format', 'jsonl', '--action', 'account.*')
  const events = printed
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    events.map(({ account, action, subject, detail }) => [account, action, subject, detail]),
    [
      [null, 'account.revoke', 'ann', '**'],
      [null, 'account.grant', 'ann', 'team/**:pull'],
    ],
  )
  assert.match(events[0].address, /^command line \(.+\)$/)
  const table = await administer(t, registry, 'audit', 'team/app', '--since', '1h')
  assert.match(table, /^\S+\t-\tcommand line \(.+\)\tvisibility\.change\tteam\/app\t\tprivate$/m)
})

test('what check repairs is in the audit, and what it only finds isn’t', async (t) => {
  await using registry = await startTestRegistry()
  const folder = join(registry.dataRoot, 'content/objects/ab')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'abcdef'), 'nobody’s')
  const audited = () => administer(t, registry, 'audit', '--format', 'jsonl')
  await assert.rejects(administer(t, registry, 'check', '--orphan-age', '0'), { actual: 1 })
  assert.equal(await audited(), '')
  await administer(t, registry, 'check', '--repair', '--orphan-age', '0')
  const { action, subject, detail } = JSON.parse(await audited())
  assert.deepEqual([action, subject, detail], ['check.repair', 'objects/ab/abcdef', 'orphan'])
})

test('an account is disabled and enabled, and people are invited, from the command line', async (t) => {
  await using registry = await startTestRegistry()
  const authorization = await makeAccount(registry, 'ada')
  const login = async (): Promise<number> => (await registry.call('GET', '/v2/', { headers: { authorization } })).status
  await administer(t, registry, 'user', 'disable', 'ada')
  assert.match(await administer(t, registry, 'user', 'list'), /^ada\t\S+\tuser\tdisabled$/m)
  assert.equal(await login(), 401)
  await administer(t, registry, 'user', 'enable', 'ada')
  assert.equal(await login(), 200)
  assert.match(await administer(t, registry, 'user', 'one-time-password', 'ada'), /^[\w-]{16}\n$/)
  assert.equal(await login(), 401)
  const link = await administer(t, registry, 'invitation', 'add', '1h', 'team/**:pull', 'for Grace')
  assert.match(link, /^\/sign-up#slipway_in_\w{16}_\w{64}\n$/)
  const [id = ''] = (await administer(t, registry, 'invitation', 'list')).split('\t')
  await administer(t, registry, 'invitation', 'remove', id)
  assert.equal(await administer(t, registry, 'invitation', 'list'), '')
})

test('every verb that changes something tells the audit; the others only look', () => {
  const silent = verbs.filter(({ deed }) => deed === undefined).map(({ words }) => words.join(' '))
  assert.deepEqual(silent.sort(), [
    'audit',
    'check',
    'gc status',
    'invitation list',
    'repository trash',
    'tag history',
    'token list',
    'user list',
  ])
})
