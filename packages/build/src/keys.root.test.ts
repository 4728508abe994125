import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { buildDockerfile } from './build.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'
import type { BuildRequest } from './worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

type Asked = Partial<Omit<BuildRequest, 'context' | 'dockerfile'>>

/** Builds, and tells whether the one step came from the cache: its files, whatever the history calls it. */
const isCached = async (
  lines: readonly string[],
  files: Readonly<Record<string, string>> = {},
  asked: Asked = {},
): Promise<boolean> => {
  using context = makeContext(files)
  const steps: boolean[] = []
  const observer: BuildRequest['observer'] = {
    onStarted: () => undefined,
    onRunning: () => undefined,
    onOutput: () => undefined,
    onFinished: ({ op }, { cached }) => void (op.kind === 'source' || steps.push(cached)),
  }
  const dockerfile = lines.join('\n')
  await buildDockerfile(recordedRequest({ dockerfile, context: context.path, observer, ...asked }).request, made.worker)
  assert.equal(steps.length, 1)
  return steps[0] as boolean
}

test('a COPY of a directory is found by what it holds, whatever it and those above it are called; a file by its name, too', async () => {
  const files = { 'one/f': 'same', 'two/f': 'same', 'other/f': 'other', a: 'alike', b: 'alike' }
  const copy = (what: string): Promise<boolean> => isCached(['FROM scratch', `COPY ${what}`], files)
  assert.equal(await copy('one/ /x/'), false)
  assert.equal(await copy('two/ /x/'), true)
  assert.equal(await copy('other/ /x/'), false)
  assert.equal(await copy('one/ /y/'), false)
  assert.equal(await copy('a /z/'), false)
  assert.equal(await copy('b /z/'), false)
  assert.equal(await copy('one/f /z/'), false)
  assert.equal(await copy('two/f /z/'), true)
})

test('a RUN is found by the names of further hosts, in their order, and not by where they are', async () => {
  const lines = ['FROM busybox', 'RUN echo with hosts']
  const run = (...extraHosts: readonly string[]): Promise<boolean> => isCached(lines, {}, { extraHosts })
  const rows: readonly (readonly [hosts: readonly string[], isFound: boolean])[] = [
    [[], false],
    [['a:1.1.1.1'], false],
    [['a:2.2.2.2'], true],
    [['a:fe80::1'], true],
    [['b:1.1.1.1'], false],
    [['b:1.1.1.1', 'a:1.1.1.1'], false],
    [['a:1.1.1.1', 'b:1.1.1.1'], false],
    [[], true],
  ]
  for (const [hosts, isFound] of rows) assert.equal(await run(...hosts), isFound, hosts.join())
})

test('an ADD from the web is found by the bytes that come, whatever the server says of them', async () => {
  const answer = { bytes: 'one', headers: { ETag: '"1"', 'Last-Modified': 'Thu, 01 Jan 2015 00:00:00 GMT' } }
  await using server = createServer((_request, response) => {
    response.writeHead(200, answer.headers).end(answer.bytes)
  }).listen(0)
  await once(server, 'listening')
  const add = (): Promise<boolean> =>
    isCached(['FROM scratch', `ADD http://127.0.0.1:${(server.address() as AddressInfo).port}/file /`])
  assert.equal(await add(), false)
  assert.equal(await add(), true)
  answer.headers = { ETag: '"2"', 'Last-Modified': 'Fri, 02 Jan 2015 00:00:00 GMT' }
  assert.equal(await add(), true)
  answer.bytes = 'two'
  assert.equal(await add(), false)
})
