import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import type { EngineClient } from '@slipway/client'
import type { HubClient } from '@slipway/client/hub/client'
import { complete } from './complete.ts'
import { scripts } from './scripts.ts'

const answers: Readonly<Record<string, unknown>> = {
  '/containers/json': [
    { Names: ['/web'], Image: 'busybox', State: 'running', Status: 'Up' },
    { Names: ['/old'], Image: 'busybox', State: 'exited', Status: 'Exited' },
  ],
  '/images/json': [{ RepoTags: ['busybox:latest', 'app:1'] }],
  '/networks': [{ Name: 'bridge', Driver: 'bridge' }],
  '/volumes': { Volumes: [{ Name: 'data', Driver: 'local' }] },
}

/** As much of an engine as completion asks. */
const engine = async (): Promise<EngineClient> =>
  ({ json: async ({ path }: { path: string }) => answers[path] }) as unknown as EngineClient

const pages: Readonly<Record<string, unknown>> = {
  '/repositories': { repositories: [{ name: 'team/app', description: 'Our app' }], next: null },
  '/teams': { teams: [{ name: 'crew', description: '' }], next: null },
  '/accounts': { accounts: [{ name: 'ada', kind: 'user' }], next: null },
}

/** As much of a hub. */
const hub = async (): Promise<HubClient> =>
  ({ json: async ({ path }: { path: string }) => pages[path] }) as unknown as HubClient

const contexts = async () => [{ Name: 'far', Metadata: {}, Endpoints: {} }]

const records = async () => [{ ref: 'k3y', name: 'app' }]

const helps: Readonly<Record<string, string>> = {
  engine: '  -H, --host VALUE    where to listen (may be given again)\n      --tls           use TLS\n',
  registry: `Options:
  --listen   address and port

Commands:
  user add NAME [PATTERN] --password-stdin  make an account
  user list                                 list the accounts
  gc run                                    collect now
  undelete NAME [DIGEST]                    take it out of the trash
`,
}

const help = async (program: string): Promise<string> => helps[program] ?? ''

const words = async (line: string): Promise<readonly string[]> =>
  (await complete(line.split(' '), { engine, hub, contexts, records, help })).map(({ word }) => word)

test('complete() knows commands, nouns and their verbs', async () => {
  assert.ok((await words('')).includes('run'))
  assert.deepEqual(await words('com'), ['commit', 'completion'])
  assert.deepEqual(await words('network dis'), ['disconnect'])
  assert.deepEqual(await words('--cont'), ['--context'])
})

test('complete() knows what there is of a kind', async () => {
  assert.deepEqual(await words('stop '), ['web'])
  assert.deepEqual(await words('start '), ['old'])
  assert.deepEqual(await words('rm -f w'), ['web'])
  assert.deepEqual(await words('-H unix:///x run --rm -it '), ['busybox', 'app:1'])
  assert.deepEqual(await words('inspect '), ['web', 'old', 'busybox', 'app:1', 'bridge', 'data'])
  assert.deepEqual(await words('network connect bridge '), ['web', 'old'])
  assert.deepEqual(await words('volume rm '), ['data'])
  assert.deepEqual(await words('run busybox '), [])
})

test('complete() knows nouns below a noun, and what a hub has', async () => {
  assert.deepEqual(await words('hub pe'), ['people'])
  assert.deepEqual(await words('hub token '), ['create', 'ls', 'rm'])
  assert.deepEqual(await words('hub tags '), ['team/app'])
  assert.deepEqual(await words('hub people rm '), ['ada'])
  assert.deepEqual(await words('hub people rm --se'), ['--server'])
  assert.deepEqual(await words('hub team join '), ['crew'])
  assert.deepEqual(await words('hub team join crew '), ['ada'])
})

test('complete() knows contexts, and programs', async () => {
  for (const line of ['context use ', '--context ', '-c f']) assert.deepEqual(await words(line), ['far'])
  assert.deepEqual(await words('dash'), ['dashboard'])
  assert.deepEqual(await words('completion '), ['bash', 'fish', 'zsh'])
  assert.deepEqual(await words('help network dis'), ['disconnect'])
  assert.deepEqual(await words('help stop '), [])
})

test('complete() knows of the programs what their help says', async () => {
  assert.deepEqual(await words('engine --'), ['--host', '--tls'])
  assert.deepEqual(await words('engine --tls --h'), ['--host'])
  assert.deepEqual(await words('engine --host '), [':files'])
  assert.deepEqual(await words('engine '), [])
  assert.deepEqual(await words('registry '), ['user', 'gc', 'undelete'])
  assert.deepEqual(await words('registry user '), ['add', 'list'])
  assert.deepEqual(await words('registry --listen=x gc r'), ['run'])
  assert.deepEqual(await words('registry undelete '), [])
})

test('complete() knows flags and their values', async () => {
  assert.deepEqual(await words('run --restart '), ['no', 'always', 'on-failure', 'on-unhealthy', 'unless-stopped'])
  assert.deepEqual(await words('run --network=b'), ['--network=bridge'])
  assert.deepEqual(await words('build --progress r'), ['rawjson'])
  assert.deepEqual(await words('build --metadata-file='), ['--metadata-file=:files'])
  assert.deepEqual(await words('builder history logs '), ['k3y'])
  assert.deepEqual(await words('run --net'), ['--network', '--network-alias'])
  assert.deepEqual(await words('load -i '), [':files'])
  // What follows the image belongs to its command.
  assert.deepEqual(await words('run busybox --'), [])
})

test('the script for bash completes in bash', () => {
  const slipway = `slipway() { printf 'web\\tbusybox\\nwest\\tbusybox\\n'; }`
  const line = `COMP_LINE='slipway stop we'; COMP_POINT=15; COMP_WORDS=(slipway stop we); COMP_CWORD=2`
  const script = `${scripts['bash']}\n${slipway}\n${line}\n_slipway\nprintf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  assert.equal(stdout, 'web\nwest\n', stderr)
})
