import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildDockerfile } from './build.ts'
import { committedAt } from './context/modified.ts'
import { resolveEpoch } from './epoch.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

const name = 'SOURCE_DATE_EPOCH'

const build = async (lines: readonly string[], value: string) => {
  using context = makeContext({ a: 'a' })
  const dockerfile = lines.join('\n')
  const recorded = recordedRequest({ dockerfile, context: context.path, buildArgs: { [name]: value } })
  const { config } = await buildDockerfile(recorded.request, made.worker)
  return config
}

const seconds = async (...args: Parameters<typeof build>): Promise<number> =>
  Date.parse((await build(...args)).created ?? '') / 1000

/** A web server that tells the time of one of its files only. */
const serve = async (root: string) => {
  const server = createServer(({ url = '/' }, response) => {
    const path = join(root, url.replace(/\?.*$/, ''))
    if (url === '/dated') response.setHeader('Last-Modified', new Date(1_600_000_000_000).toUTCString())
    if (statSync(path, { throwIfNoEntry: false })?.isFile()) response.end(readFileSync(path))
    else response.writeHead(404).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { address: `http://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() }
}

/** A repository with one commit of 1 650 000 000, that could be served by the simplest of web servers. */
const makeRepository = (path: string): void => {
  mkdirSync(path)
  const date = '1650000000 +0000'
  const identity = ['-c', 'user.email=a@b.invalid', '-c', 'user.name=a']
  const env = { ...process.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date }
  const git = (...args: readonly string[]) => execFileSync('git', [...identity, ...args], { cwd: path, env })
  // What a checkout brings is never git's own configuration.
  writeFileSync(join(path, '.gitconfig'), '[log]\n\tshowSignature = true\n[gpg]\n\tprogram = /bin/false\n')
  git('init', '-q', '-b', 'main')
  git('add', '.')
  git('commit', '-q', '-m', 'one')
  git('update-server-info')
}

test('the time is that of the only file that a stage adds: what the server tells, or else the youngest in an archive', async () => {
  using web = makeContext({ dated: 'x', plain: 'x', 'in/old': '1', 'in/young': '2' })
  utimesSync(join(web.path, 'in/old'), 0, 1_500_000_000)
  utimesSync(join(web.path, 'in/young'), 0, 1_550_000_000)
  execFileSync('tar', ['czf', join(web.path, 'packed'), '-C', web.path, 'in/old', 'in/young'])
  makeRepository(join(web.path, 'r.git'))
  using server = await serve(web.path)
  const stages = (file: string) => [
    `ARG file=${file}`,
    'FROM scratch AS Source',
    'ARG file',
    `ARG at=${server.address}`,
    'ADD $at/$file /',
    'FROM busybox',
    `ARG ${name}`,
    `ENV AT=$${name}`,
  ]
  for (const value of ['source', 'SOURCE']) {
    const { created, config } = await build(stages('dated'), value)
    assert.equal(created, '2020-09-13T12:26:40.000Z')
    assert.ok(config?.Env?.includes('AT=1600000000'), String(config?.Env))
  }
  assert.equal(await seconds(stages('packed'), 'source'), 1_550_000_000)
  assert.equal(await seconds(stages('r.git/.git'), 'source'), 1_650_000_000)
  assert.equal(await seconds([`ARG ${name}=source`, ...stages('dated')], 'source'), 1_600_000_000)
  // Nothing tells the time of this one: as if nothing had been asked.
  const { created, config } = await build(stages('plain'), 'source')
  assert.ok(Date.parse(created ?? '') > Date.now() - 600_000)
  assert.ok(config?.Env?.includes('AT='), String(config?.Env))
})

test('the time of a commit is told without the configuration that a checkout brings', async () => {
  using web = makeContext({})
  makeRepository(join(web.path, 'r'))
  const signal = new AbortController().signal
  assert.equal(await committedAt(join(web.path, 'r'), signal), 1_650_000_000)
})

test('the time is that of a context from elsewhere; one of this machine has none', async () => {
  const files = { name: 'elsewhere', fetch: () => Promise.reject(new Error('not needed')) }
  const modifiedAt = async () => 1_234_567_890
  const remote = { kind: 'remote', files, ignore: [], modifiedAt } as const
  const { request } = recordedRequest({ dockerfile: '', context: '/', buildArgs: { [name]: 'context' } })
  const parts = { stages: [], globals: new Map([[name, '1']]), worker: made.worker }
  assert.deepEqual(await resolveEpoch({ ...parts, request: { ...request, context: remote } }), {
    seconds: 1_234_567_890,
    buildArgs: { [name]: '1234567890' },
    globals: new Map([[name, '1234567890']]),
  })
  const contexts = new Map([['other', async () => ({ ...remote, modifiedAt: async () => 5 })]])
  const named = { ...request, buildArgs: { [name]: 'other' }, contexts }
  assert.equal((await resolveEpoch({ ...parts, request: named })).seconds, 5)
  assert.deepEqual(await resolveEpoch({ ...parts, request }), { buildArgs: { [name]: null }, globals: new Map() })
})

const wrong: readonly (readonly [lines: readonly string[], message: RegExp])[] = [
  [['FROM busybox AS s', 'ADD http://h/x /'], /^SOURCE_DATE_EPOCH stage must use FROM scratch$/],
  [['FROM scratch AS s'], /^SOURCE_DATE_EPOCH stage must contain exactly one remote ADD$/],
  [['FROM scratch AS s', 'ADD http://h/x /', 'ADD http://h/y /'], /stage must contain exactly one remote ADD$/],
  [['FROM scratch AS s', 'ADD http://h/x http://h/y /'], /stage must contain exactly one remote ADD source$/],
  [['FROM scratch AS s', 'ADD a /'], /stage source must be a single HTTP\(S\) or Git ADD$/],
  [['FROM scratch AS s', 'ENV A=1'], /stage does not meet source-only requirements: unsupported ENV instruction$/],
  [['FROM scratch AS other'], /^invalid SOURCE_DATE_EPOCH: s$/],
]

test('a stage that does more than to add one remote file tells no time', async () => {
  for (const [lines, message] of wrong) {
    await assert.rejects(build([...lines, 'FROM busybox'], 's'), { message, code: 'invalid' }, lines.join('; '))
  }
})
