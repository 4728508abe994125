import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chainIdOf } from '@slipway/core'
import { buildDockerfile } from './build.ts'
import { makeContext, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

const files = { 'app/a': 'a', 'app/deep/b': 'b' }

const build = async (lines: readonly string[]) => {
  using context = makeContext(files)
  const recorded = recordedRequest({ dockerfile: lines.join('\n'), context: context.path })
  return { ...recorded, result: await buildDockerfile(recorded.request, made.worker) }
}

const layersOf = ({ result }: Awaited<ReturnType<typeof build>>) => result.config.rootfs.diff_ids

test('COPY --link gives the same layer on any base, and its snapshot says so', async () => {
  const lines = (before: string) => ['FROM busybox', `RUN ${before}`, 'COPY --link --chown=5:6 app /srv/app/']
  const one = await build(lines('echo 1 > /one'))
  const other = await build(lines('mkdir -p /srv/app && echo old > /srv/app/a && echo kept > /srv/app/c'))
  assert.equal(layersOf(one).at(-1), layersOf(other).at(-1))
  assert.notEqual(layersOf(one).at(-2), layersOf(other).at(-2))
  await made.look(other.result.id, (root) => {
    assert.deepEqual(readdirSync(join(root, 'srv/app')), ['a', 'c', 'deep'])
    assert.equal(readFileSync(join(root, 'srv/app/a'), 'utf8'), 'a')
    assert.equal(lstatSync(join(root, 'srv/app/deep/b')).uid, 5)
  })
  for (const built of [one, other]) {
    const { diffId } = await made.worker.snapshots.diff(chainIdOf(layersOf(built)) ?? assert.fail())
    assert.equal(diffId, layersOf(built).at(-1), 'what is on disk has the digest that the config names')
  }
})

test('COPY --link follows no symlink of what is below', async () => {
  const before = ['FROM busybox', 'RUN mkdir /real && ln -s /real /srv']
  const linked = await build([...before, 'COPY --link app/a /srv/'])
  await made.look(linked.result.id, (root) => {
    assert.ok(lstatSync(join(root, 'srv')).isDirectory())
    assert.deepEqual(readdirSync(join(root, 'real')), [])
  })
  const plain = await build([...before, 'COPY app/a /srv/'])
  await made.look(plain.result.id, (root) => {
    assert.equal(readlinkSync(join(root, 'srv')), '/real')
    assert.deepEqual(readdirSync(join(root, 'real')), ['a'])
  })
})

test('a step after COPY --link sees both, and --link on nothing is a plain layer', async () => {
  const { output } = await build(['FROM busybox', 'RUN echo 1 > /one', 'COPY --link app /app', 'RUN cat /one /app/a'])
  assert.equal(output(), '1\na')
  const alone = await build(['FROM scratch', 'COPY --link app /app'])
  assert.equal(layersOf(alone).length, 1)
})
