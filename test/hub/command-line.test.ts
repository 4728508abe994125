import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { HubClient, signIn, whoIsThere } from '@slipway/client/hub/client'
import { codeAt, counterAt } from '../../packages/registry/src/sign-in/second-factor/totp.ts'
import { Client } from '../harness/client.ts'
import { pushByHand } from '../harness/push-by-hand.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const push = (registry: TestRegistry, name: string, tag: string, layer: string): Promise<string> =>
  pushByHand(registry, { name, tag, layer, login: 'ada:correct horse' })

const ofRepositories = async (t: TestContext, client: Client, registry: TestRegistry): Promise<void> => {
  const hub = (...words: readonly string[]): Promise<string> => client.ok(['hub', ...words])
  const first = await push(registry, 'team/app', 'v1', 'one')
  const second = await push(registry, 'team/app', 'v1', 'two')
  await push(registry, 'team/web', 'v1', 'three')

  await t.test('repositories are listed, searched, described, starred and hidden', async () => {
    assert.equal(await hub('repositories', '-q'), 'team/app\nteam/web')
    await hub('describe', 'team/app', 'Our app')
    await client.ok(['hub', 'readme', '-f', '-', `${registry.address}/team/app`], { input: '# App\n' })
    assert.equal(await hub('readme', 'team/app'), '# App')
    assert.equal(await hub('star', 'team/app', 'team/web'), 'team/app\nteam/web')
    await hub('unstar', 'team/web')
    assert.equal(await hub('search', 'our', '--format', '{{.Name}} {{.Stars}} {{.Description}}'), 'team/app 1 Our app')
    assert.match(
      await hub('search', 'our'),
      /^NAME +DESCRIPTION +STARS +VISIBILITY +PUSHED\nteam\/app +Our app +1 +public /,
    )
    await hub('visibility', 'team/web', 'private')
    assert.equal(await hub('visibility', 'team/web'), 'private')
    assert.equal(await hub('inspect', 'team/app', '-f', '{{.edition}} {{.stars}} {{.mayManage}}'), '2 1 true')
  })

  await t.test('a tag has a history, goes back in it, goes, and comes again', async () => {
    assert.equal(await hub('tags', 'team/app', '--format', '{{.Tag}} {{.PushedBy}}'), 'v1 ada')
    assert.equal(await hub('history', 'team/app:v1', '-q'), `${second}\n${first}`)
    assert.equal(await hub('rollback', 'team/app:v1'), first)
    assert.equal(await hub('rollback', 'team/app:v1', second), second)
    await hub('untag', 'team/app:v1')
    assert.equal(await hub('tags', '-q', 'team/app'), '')
    await hub('rollback', 'team/app:v1', first)
    assert.equal(await hub('inspect', `team/app@${first}`, '-f', '{{.config.os}}'), 'linux')
  })

  await t.test('what was deleted is in the trash until it is undeleted', async () => {
    await hub('rm', 'team/web')
    const digests = await hub('trash', 'team/web', '-q')
    assert.equal(await hub('undelete', 'team/web'), digests)
    assert.equal(await hub('tags', '-q', 'team/web'), 'v1')
    const last = await hub('events', '-n', '1', 'team/web', '-f', '{{.kind}} {{.reference}} {{.account}}')
    assert.equal(last, 'push v1 ada')
    assert.match(await hub('gc'), /^KIND +WAITING/)
    assert.match(await hub('gc', '--run'), /^Collected \d+ of \d+, 0 failed, freed /)
  })
}

const ofProject = async (client: Client): Promise<void> => {
  const hub = (...words: readonly string[]): Promise<string> => client.ok(['hub', ...words])
  await hub('team', 'create', 'ops')
  await hub('team', 'join', 'ops', 'ada')
  assert.equal(await hub('team', 'ls', '--format', '{{.Name}} {{.Members}}'), 'ops ada')
  await hub('project', 'set-member', '--team', 'shop', 'ops', 'guest')
  assert.equal(await hub('project', 'members', '-q', 'shop'), 'ada\nops')
  assert.equal(await hub('team', 'rm', 'ops'), 'ops')
  assert.match(await hub('robot', 'create', 'shop', 'ci', '--actions', 'pull,push'), /^slipway_at_/)
  assert.equal(await hub('robot', 'ls', 'shop', '--format', '{{.Name}} {{.Rights}}'), 'shop+ci shop/**:pull,push')
  assert.equal(await hub('robot', 'rm', 'shop', 'shop+ci'), 'shop+ci')
  const rule = await hub('rule', 'create', 'shop', 'retention', '--tags', 'v*', '--keep-latest', '3')
  assert.equal(await hub('rule', 'ls', 'shop', '--format', '{{.ID}} {{.Tags}} {{.KeepLatest}}'), `${rule} v* 3`)
  assert.equal(await hub('rule', 'run', '--dry-run', 'shop'), '')
  assert.equal(await hub('rule', 'rm', 'shop', rule), rule)
}

/** Six digits for a secret in base 32, as an app on a phone makes them; `later`: of the steps to come. */
const codeOf = (secret: string, later = 0): string => {
  const bits = [...secret].map((letter) => base32.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  return codeAt(bytes, counterAt(Date.now()) + later)
}

const ofOneself = async (client: Client, registry: TestRegistry): Promise<void> => {
  const password = 'staple battery'
  await client.ok(['hub', 'people', 'create', 'eve', 'team/**', 'pull', '--password-stdin'], { input: password })
  const home = `${registry.dataRoot}/eve`
  const eve = new Client('slipway', 'unix:///nowhere', home, { SLIPWAY_HUB: registry.address })
  await eve.ok(['hub', 'login', '-u', 'eve', '--password-stdin'], { input: password })
  const hub = (...words: readonly string[]): Promise<string> => eve.ok(['hub', ...words])

  await using browser = new HubClient({ url: `http://${registry.address}`, userAgent: 'A browser' })
  await signIn(browser, { user: 'eve', password })
  assert.equal(await hub('session', 'ls', '--format', '{{.Agent}} {{.Address}}'), 'A browser 127.0.0.1')
  const id = await hub('session', 'ls', '-q')
  assert.equal(await hub('session', 'rm', id), id)
  assert.equal((await whoIsThere(browser)).account, null)
  assert.equal((await eve.fails(['hub', 'session', 'rm', id])).code, 1)

  assert.equal(await hub('second-factor', 'status'), 'off')
  const [secret = '', uri = ''] = (await hub('second-factor', 'begin')).split('\n')
  assert.match(uri, new RegExp(`^otpauth://totp/.*${secret}`))
  assert.match((await eve.fails(['hub', 'second-factor', 'confirm', 'none'])).message, /the code is wrong/)
  const recovery = (await hub('second-factor', 'confirm', codeOf(secret))).split('\n')
  assert.equal(recovery.length, 10)
  assert.match((await eve.fails(['hub', 'second-factor', 'status'])).message, /add --code/)
  assert.equal(await hub('second-factor', 'status', '--code', codeOf(secret, 1)), 'on, 10 recovery codes left')
  const [first = '', second = ''] = recovery
  const renewed = (await hub('second-factor', 'recovery-codes', '--code', first)).split('\n')
  assert.match((await eve.fails(['hub', 'second-factor', 'status', '--code', second])).message, /the code is wrong/)
  await hub('second-factor', 'off', '--code', renewed[0] ?? '')
  assert.equal(await hub('second-factor', 'status'), 'off')
  await client.ok(['hub', 'people', 'rm', 'eve'])
}

const ofPeople = async (t: TestContext, client: Client, registry: TestRegistry): Promise<void> => {
  const hub = (...words: readonly string[]): Promise<string> => client.ok(['hub', ...words])

  await t.test('accounts are made, granted, disabled and removed; the audit tells of it', async () => {
    const words = ['hub', 'people', 'create', 'ben', 'team/**', 'pull', '--password-stdin']
    await client.ok(words, { input: 'staple battery\n' })
    await hub('people', 'grant', 'ben', 'other/**', 'pull,push')
    await hub('people', 'revoke', 'ben', 'team/**')
    await hub('people', 'disable', 'ben')
    assert.equal(
      await hub('people', 'ls', '--format', '{{.Name}} {{.Grants}} {{.Status}}'),
      'ada **:pull,push,delete,manage active\nben other/**:pull,push disabled',
    )
    await hub('people', 'rm', 'ben')
    const done = 'account.remove\naccount.disable\naccount.revoke\naccount.grant\naccount.add'
    assert.equal(await hub('audit', '--action', 'account.*', '--subject', 'ben', '--format', '{{.Action}}'), done)
    const lines = (await hub('audit', '--export', 'jsonl', '--subject', 'ben')).split('\n')
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { action: string }).action),
      done.split('\n'),
    )
  })

  await t.test('somebody is invited by a link, and helped who has lost a second factor', async () => {
    const link = await hub(
      ...['invitation', 'create', '--note', 'for Grace', '--grants', 'team/**:pull', '--expires-in', '1h'],
    )
    assert.match(link, new RegExp(`^http://${registry.address}/sign-up#slipway_in_\\w+$`))
    assert.match((await registry.administer(['invitation', 'list'])).stdout, /\tada\tteam\/\*\*:pull\tfor Grace$/m)
    const id = await hub('invitation', 'ls', '-q')
    assert.equal(await hub('invitation', 'rm', id), id)
    assert.equal(await hub('people', 'reset-second-factor', 'ada'), 'ada')
    assert.match((await client.fails(['hub', 'people', 'reset-second-factor', 'nobody'])).message, /nobody/)
  })

  await t.test('a token takes the password’s place, with its limits, until it is removed', async () => {
    const token = await hub('token', 'create', 'ci', '--limits', 'team/**:pull', '--expires-in', '1h')
    const other = new Client('slipway', 'unix:///nowhere', `${registry.dataRoot}/other`, {
      SLIPWAY_HUB: registry.address,
    })
    await other.ok(['hub', 'login', '-u', 'ada', '--password-stdin'], { input: token })
    assert.equal(await other.ok(['hub', 'tags', '-q', 'team/app']), 'v1')
    const refused = await other.fails(['hub', 'untag', 'team/app:v1'])
    assert.deepEqual([refused.code, /^Error response from hub: /.test(refused.message)], [1, true])
    const id = await hub('token', 'ls', '-q')
    assert.equal(await hub('token', 'rm', id), id)
    assert.equal((await other.fails(['hub', 'tags', 'team/app'])).code, 1)
  })

  await t.test('one’s own sessions and second factor, by password and codes', () => ofOneself(client, registry))

  await t.test('webhooks and projects are made, shown and removed', async () => {
    const id = await hub('webhook', 'create', 'https://example.com/hook', 'team/**')
    assert.equal(await hub('webhook', 'ls', '--format', '{{.ID}} {{.Pattern}}'), `${id} team/**`)
    assert.equal(await hub('webhook', 'deliveries', id, '-q'), '')
    assert.equal(await hub('webhook', 'rm', id), id)
    await hub('project', 'create', 'shop', '--private', '--description', 'Sells things')
    await hub('project', 'update', 'shop', '--quota', '1000000')
    assert.equal(
      await hub('project', 'inspect', 'shop', '-f', '{{.visibility}} {{.quota}} {{.mayOwn}}'),
      'private 1000000 true',
    )
    assert.equal(await hub('project', 'members', 'shop', '--format', '{{.Name}} {{.Role}}'), 'ada owner')
    assert.match(await hub('project', 'ls', '-q'), /^shop$/m)
    await ofProject(client)
    assert.equal(await hub('project', 'rm', 'shop'), 'shop')
  })
}

test('slipway hub does from the command line what the hub’s pages do', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await registry.addUser('ada', 'correct horse')
  const client = new Client('slipway', 'unix:///nowhere', scratch.path)

  await t.test('who isn’t logged in, or nobody answers, is told what to do', async () => {
    const login = await client.fails(['hub', 'token', 'ls', '--server', registry.address])
    assert.equal(login.code, 1)
    assert.match(
      login.message,
      new RegExp(`^Error response from hub: .*\n\nLog in with: slipway hub login ${registry.address}$`),
    )
    const away = await client.fails(['hub', 'repositories', '--server', '127.0.0.1:1'])
    assert.equal(away.message, 'cannot connect to the hub at http://127.0.0.1:1: nobody answers there')
    assert.equal((await client.fails(['hub', 'repositories', '--no-such-flag'])).code, 125)
    assert.match(
      await client.ok(['hub', '--help']),
      /Management Commands:\n(?: {2}.*\n)* {2}people +Manage accounts and robots\n/,
    )
    assert.match((await client.fails(['hub', 'people', 'frob'])).message, /unknown command: slipway hub people frob/)
  })

  await t.test('a login is kept where docker keeps it, and chooses the hub', async () => {
    const words = ['hub', 'login', '-u', 'ada', '--password-stdin', registry.address]
    assert.match((await client.fails(words, { input: 'guess' })).message, /incorrect username or password/)
    assert.equal(await client.ok(words, { input: 'correct horse' }), 'Login Succeeded')
    assert.equal(await client.ok(['hub', 'whoami']), 'ada (manages the registry)')
  })

  await ofRepositories(t, client, registry)
  await ofPeople(t, client, registry)
})
