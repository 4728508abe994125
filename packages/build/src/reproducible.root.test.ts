import assert from 'node:assert/strict'
import { lstatSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { buildDockerfile } from './build.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

const epoch = 1_700_000_000

const build = async (lines: readonly string[], epochGiven?: string) => {
  using context = makeContext({ 'src/a': 'a', 'src/deep/b': 'b' })
  for (const name of ['src/a', 'src/deep/b', 'src/deep', 'src']) utimesSync(join(context.path, name), 1000, epoch + 500)
  const { request } = recordedRequest({
    dockerfile: lines.join('\n'),
    context: context.path,
    noCache: true,
    ...(epochGiven === undefined ? {} : { buildArgs: { SOURCE_DATE_EPOCH: epochGiven } }),
  })
  return await buildDockerfile(request, made.worker)
}

test('the same inputs give the same layers, whenever they are built', async () => {
  const lines = [
    'FROM busybox',
    'WORKDIR /work/here',
    'COPY src in/to/it/',
    'COPY --chown=web src/a /root/',
    'COPY <<one <<two /texts/',
    'text',
    'one',
    'more',
    'two',
  ]
  const first = await build(lines)
  await setTimeout(1100)
  const second = await build(lines)
  assert.deepEqual(second.config.rootfs, first.config.rootfs)
})

test('with SOURCE_DATE_EPOCH they give the same image, in which nothing is younger', async () => {
  const lines = [
    'FROM busybox',
    'COPY src /src/',
    'RUN mkdir /made && echo x > /made/file && ln -s file /made/link && touch -d @5 /made/old',
  ]
  const first = await build(lines, String(epoch))
  await setTimeout(1100)
  const second = await build(lines, String(epoch))
  assert.equal(second.id, first.id)
  assert.equal(second.config.created, '2023-11-14T22:13:20.000Z')
  await made.look(first.id, (root) => {
    const seconds = (path: string) => lstatSync(join(root, path)).mtimeMs / 1000
    for (const path of ['made', 'made/file', 'made/link', 'src/a', 'src/deep']) assert.equal(seconds(path), epoch, path)
    assert.equal(seconds('made/old'), 5)
  })
  const other = await build(lines, String(epoch + 400))
  assert.notEqual(other.id, first.id)
})

test('an epoch that is none is refused; an empty one is none', async () => {
  await assert.rejects(build(['FROM scratch'], 'soon'), { message: 'invalid SOURCE_DATE_EPOCH: soon' })
  const { config } = await build(['FROM busybox', 'ENV A=1'], '')
  assert.ok(Date.parse(config.created ?? '') > Date.now() - 60_000)
  const fromDefault = await build(['ARG SOURCE_DATE_EPOCH=5', 'FROM busybox', 'ENV A=1'])
  assert.equal(fromDefault.config.created, '1970-01-01T00:00:05.000Z')
})
