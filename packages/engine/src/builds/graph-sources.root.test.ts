import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Methods, offerFiles } from '@slipway/buildkit'
import { importImage } from '@slipway/client'
import { digestOf } from '@slipway/core'
import { packDirectory } from '@slipway/store'
import { LocalEngine } from '../testing/local-engine.ts'
import { BuildClient, definitionOf, operation, output } from './testing/build-client.ts'

const engine = new LocalEngine('source')
const socket = join(engine.directory, 'engine.sock')
const web = join(engine.directory, 'web')
const server = createServer((request, response) => {
  const file = createReadStream(join(web, new URL(request.url ?? '', 'http://here').pathname))
  file.once('error', () => response.writeHead(404).end())
  file.once('open', () => file.pipe(response))
})
const { signal } = new AbortController()

const git = (cwd: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.email=a@b.invalid', '-c', 'user.name=a', ...args], { cwd, encoding: 'utf8' }).trim()

/** A repository as the simplest of web servers serves it; returns its commit. */
const makeRepository = (): string => {
  const work = join(engine.directory, 'work')
  mkdirSync(join(work, 'sub'), { recursive: true })
  writeFileSync(join(work, 'sub/f'), 'from git\n')
  git(work, 'init', '-q', '-b', 'main')
  git(work, 'add', '-A')
  git(work, 'commit', '-q', '-m', 'one')
  git(work, 'clone', '-q', '--bare', '.', join(web, 'repo.git'))
  git(join(web, 'repo.git'), 'update-server-info')
  return git(work, 'rev-parse', 'HEAD')
}

before(async () => {
  const client = await engine.start()
  const root = engine.busyboxRoot(['sh', 'grep', 'test'])
  const options = { repository: 'busybox' }
  for await (const { error } of await importImage(client, packDirectory(root, '/', { as: '' }), options)) {
    assert.equal(error, undefined)
  }
  mkdirSync(web)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(async () => {
  server.close()
  await engine[Symbol.asyncDispose]()
})

const address = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** Builds a command that sees the source at /from; throws what the engine says. `offered`: in the client's session. */
const look = async (
  script: string,
  identifier: string,
  attrs: Readonly<Record<string, string>> = {},
  offered: Methods = {},
): Promise<void> => {
  const image = operation({ source: { identifier: 'docker-image://docker.io/library/busybox:latest' } })
  const source = operation({ source: { identifier, attrs: new Map(Object.entries(attrs)) } })
  const ran = operation(
    {
      exec: {
        meta: { args: ['/bin/sh', '-c', script], env: ['PATH=/bin'], cwd: '/' },
        mounts: [
          { input: 0, dest: '/', output: 0 },
          { input: 1, dest: '/from', readonly: true, output: -1 },
        ],
      },
    },
    output(image),
    output(source),
  )
  using client = await BuildClient.open(socket, offered)
  await client.solve({ definition: definitionOf(output(ran)) }, signal)
}

test('a file from the web is a source, with the name, mode and checksum that are asked for', async () => {
  writeFileSync(join(web, 'file.txt'), 'from the web\n')
  await look('grep -q web /from/file.txt', `${address()}/file.txt`)
  const attrs = { 'http.filename': 'other', 'http.perm': String(0o755), 'http.checksum': digestOf('from the web\n') }
  await look('grep -q web /from/other && test -x /from/other', `${address()}/file.txt`, attrs)
  const wrong = { 'http.checksum': digestOf('something else') }
  await assert.rejects(look('true', `${address()}/file.txt`, wrong), /digest mismatch/)
  await assert.rejects(look('true', `${address()}/none`), /404/)
})

test('a repository is a source, by a branch and by a commit', async () => {
  const commit = makeRepository()
  const attrs = { 'git.fullurl': `${address()}/repo.git` }
  const identifier = `git://${address().replace('http://', '')}/repo.git`
  await look('grep -q git /from/sub/f && test ! -e /from/.git', `${identifier}#main`, attrs)
  await look('grep -q git /from/f && test ! -e /from/sub', `${identifier}#${commit}:sub`, attrs)
  await look('test -d /from/.git', `${identifier}#main`, { ...attrs, 'git.keepgitdir': 'true' })
  await assert.rejects(look('true', `${identifier}#none`, attrs), /couldn't find remote ref none/)
})

test('a directory of the client is a source, as far as it is asked for', async () => {
  const root = join(engine.directory, 'local')
  mkdirSync(join(root, 'sub'), { recursive: true })
  for (const name of ['a', 'b', 'sub/c']) writeFileSync(join(root, name), `${name}\n`)
  const offered = offerFiles(new Map([['place', root]]))
  await look('grep -q c /from/sub/c && test -e /from/a', 'local://place', {}, offered)
  const some = { 'local.excludepatterns': JSON.stringify(['b']), 'local.includepattern': JSON.stringify(['a', 'b']) }
  await look('test -e /from/a && test ! -e /from/b && test ! -e /from/sub', 'local://place', some, offered)
  const followed = { 'local.followpaths': JSON.stringify(['sub/c']) }
  await look('test -e /from/sub/c && test ! -e /from/a', 'local://place', followed, offered)
  await assert.rejects(look('true', 'local://place'), /the client offers no files/)
})
