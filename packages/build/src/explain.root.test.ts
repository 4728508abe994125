import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { buildDockerfile } from './build.ts'
import { pruneBuilds } from './cache/prune.ts'
import { ReceivedContexts } from './context/received.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'
import type { BuildRequest } from './worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

/** Each build of a test has the test's own tag: it is compared with the one before. */
const explain = async (
  tag: string,
  lines: readonly string[],
  files: Readonly<Record<string, string>> = {},
  asked: Omit<Partial<BuildRequest>, 'context'> = {},
) => {
  using context = makeContext(files)
  const dockerfile = lines.join('\n')
  const recorded = recordedRequest({ dockerfile, context: context.path, tags: [tag], explain: true, ...asked })
  const failed = await buildDockerfile(recorded.request, made.worker).then(
    () => false,
    () => true,
  )
  const told = recorded.events.flatMap((event) => (event.kind === 'explained' ? [[event.step, ...event.lines]] : []))
  return { told, failed }
}

const unknown = 'built: nothing is known of an earlier build of it'
const config = 'only the config changes: there is nothing to build'

test('of a COPY the files are told that changed, came and went', async () => {
  const lines = ['FROM busybox', 'COPY . /data/', 'RUN cat /data/a']
  const first = await explain('files:1', lines, { a: '1', 'b/c': '1' })
  assert.deepEqual(first.told, [
    [2, unknown],
    [3, unknown],
  ])
  assert.deepEqual((await explain('files:2', lines, { a: '1', 'b/c': '1' })).told, [
    [2, 'cached: its files hold what they held before'],
    [3, 'cached'],
  ])
  assert.deepEqual((await explain('files:3', lines, { a: '2', 'b/d': '1' })).told, [
    [2, 'built: the file a changed', 'built: the file b/d is new', 'built: the file b/c is gone'],
    [3, 'built: step 2 changed'],
  ])
})

test('of a RUN the argument, the variable and the instruction are told', async () => {
  const lines = (variable: string, run: string) => [
    'FROM busybox',
    'ARG COLOUR',
    `ENV SIZE=${variable}`,
    `RUN echo ${run}`,
  ]
  await explain('run:1', lines('s', 'x'), {}, { buildArgs: { COLOUR: 'red' } })
  const steps = async (variable: string, run: string, colour?: string) => {
    const buildArgs = colour === undefined ? {} : { COLOUR: colour }
    const { told } = await explain('run:1', lines(variable, run), {}, { buildArgs })
    assert.deepEqual(told.slice(0, 2), [
      [2, config],
      [3, config],
    ])
    return told[2]
  }
  assert.deepEqual(await steps('s', 'x', 'red'), [4, 'cached'])
  assert.deepEqual(await steps('s', 'x', 'blue'), [4, 'built: the argument COLOUR changed'])
  assert.deepEqual(await steps('m', 'x', 'blue'), [4, 'built: the environment variable SIZE changed'])
  assert.deepEqual(await steps('m', 'y', 'blue'), [4, 'built: the instruction changed'])
  assert.deepEqual(await steps('m', 'y'), [4, 'built: the argument COLOUR is gone'])
})

test('where another kind of instruction was before, that alone is told', async () => {
  await explain('kind:1', ['FROM busybox', 'ENV A=b', 'RUN echo kind'])
  const { told } = await explain('kind:1', ['FROM busybox', 'ENV A=b', 'COPY a /a'], { a: '1' })
  assert.deepEqual(told[1], [3, 'built: the instruction changed'])
})

test('what was pruned, and what the cache was not asked for, is said to be', async () => {
  const lines = ['FROM busybox', 'RUN echo pruned > /a']
  await explain('pruned', lines)
  await pruneBuilds(
    { worker: made.worker, contexts: new ReceivedContexts(join(made.worker.scratch, 'received')) },
    new Set(),
  )
  assert.deepEqual((await explain('pruned', lines)).told, [
    [2, 'built: nothing changed, but what was built before is pruned'],
  ])
  assert.deepEqual((await explain('pruned', lines, {}, { noCache: true })).told, [
    [2, 'built: the cache was not to be used'],
  ])
})

test('another stage is told by the step that changed it, and --link by its files', async () => {
  const lines = (word: string) => [
    'FROM busybox AS made',
    `RUN echo ${word} > /word`,
    'FROM busybox',
    'COPY --from=made /word /',
    'COPY --link a /',
    'FROM made',
  ]
  const target = { allStages: true }
  await explain('stages', lines('one'), { a: '1' }, target)
  const { told } = await explain('stages', lines('two'), { a: '2' }, target)
  assert.deepEqual(
    new Map(told.map(([step, ...rest]) => [step, rest])),
    new Map([
      [2, ['built: the instruction changed']],
      [4, ['built: step 2 changed', 'built: the file word changed']],
      [5, ['built: step 4 changed', 'built: the file a changed']],
    ]),
  )
})

test('a step that fails is explained, and is as unknown the next time', async () => {
  const lines = ['FROM busybox', 'RUN false']
  for (const _ of [1, 2]) {
    const { told, failed } = await explain('failing', lines)
    assert.deepEqual(told, [[2, unknown]])
    assert.equal(failed, true)
  }
})

test('who does not ask is told nothing, and yet it is remembered', async () => {
  const lines = (word: string) => ['FROM busybox', `RUN echo ${word} quiet`]
  assert.deepEqual((await explain('quiet', lines('one'), {}, { explain: false })).told, [])
  assert.deepEqual((await explain('quiet', lines('two'))).told, [[2, 'built: the instruction changed']])
})
