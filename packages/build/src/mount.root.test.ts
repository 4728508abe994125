import assert from 'node:assert/strict'
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { chainIdOf } from '@slipway/core'
import { mountSnapshot } from '@slipway/linux'
import { buildDockerfile } from './build.ts'
import { pruneBuilds } from './cache/prune.ts'
import { ReceivedContexts } from './context/received.ts'
import { removeLeftovers } from './leftovers.ts'
import { makeContext, type RecordedRequest, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'
import type { BuildResult } from './worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

type Files = Readonly<Record<string, string>>

const build = async (
  lines: readonly string[],
  files: Files = {},
): Promise<RecordedRequest & { readonly result: BuildResult }> => {
  using context = makeContext(files)
  const recorded = recordedRequest({ dockerfile: ['FROM busybox', ...lines].join('\n'), context: context.path })
  return { ...recorded, result: await buildDockerfile(recorded.request, made.worker) }
}

const entries = (result: BuildResult, path: string): Promise<readonly string[]> =>
  made.look(result.id, (root) => (existsSync(join(root, path)) ? readdirSync(join(root, path)) : ['(nothing)']))

test('bind shows the context, and leaves no trace of the mount point', async () => {
  const { result, output } = await build(['RUN --mount=target=/src,source=lib cat /src/a; ls -d /src/*; true'], {
    'lib/a': 'in the context\n',
    other: 'x',
  })
  assert.equal(output(), 'in the context\n/src/a\n')
  assert.deepEqual(await entries(result, 'src'), ['(nothing)'])
})

test('bind is read-only, and what is written with rw is thrown away', async () => {
  const lines = (mode: string) => [
    'FROM busybox AS made',
    'RUN mkdir -p /made && echo 1 > /made/file',
    'FROM busybox AS last',
    `RUN --mount=from=made,source=/made,target=/in${mode} echo 2 > /in/file && cat /in/file`,
  ]
  await assert.rejects(build(lines('')), /returned a non-zero code|exit code: 1/)
  const { output } = await build(lines(',rw'))
  assert.equal(output(), '2\n')
  const again = await build(['RUN mkdir -p /made && echo 1 > /made/file', 'RUN cat /made/file'])
  assert.equal(again.output(), '1\n')
})

test('a changed file below a bind mount runs the step again; one beside it does not', async () => {
  const lines = ['RUN --mount=source=src,target=/s cat /s/a']
  await build(lines, { 'src/a': '1', b: '1' })
  assert.deepEqual((await build(lines, { 'src/a': '1', b: '2' })).cached(), [2])
  const changed = await build(lines, { 'src/a': '2', b: '2' })
  assert.deepEqual(changed.cached(), [])
  assert.equal(changed.output(), '2')
})

test('a single file can be mounted, and a missing one is told', async () => {
  const { output, result } = await build(['RUN --mount=source=a,target=/etc/one/file cat /etc/one/file'], {
    a: 'one\n',
  })
  assert.equal(output(), 'one\n')
  assert.deepEqual(await entries(result, 'etc/one'), ['(nothing)'])
  await assert.rejects(
    build(['RUN --mount=source=gone,target=/x true']),
    /failed to calculate checksum of .*"\/gone": not found/,
  )
})

test('a cache outlives the build, is in no layer, and goes with prune', async () => {
  const line = (word: string) =>
    `RUN --mount=type=cache,target=/c,id=kept,mode=0750,uid=33 echo ${word} >> /c/log; cat /c/log`
  assert.equal((await build([line('one')])).output(), 'one\n')
  const second = await build([line('two')])
  assert.equal(second.output(), 'one\ntwo\n')
  assert.deepEqual(await entries(second.result, 'c'), ['(nothing)'])
  const third = await build(['RUN --mount=type=cache,target=/c,id=kept,mode=0750,uid=33 stat -c "%a %u" /c'])
  assert.equal(third.output(), '750 33\n')
  assert.deepEqual((await build([line('two')])).cached(), [2], 'what is in the cache is no part of the key')
  const parts = { worker: made.worker, contexts: new ReceivedContexts(join(made.worker.scratch, 'received')) }
  const gone = await pruneBuilds(parts, new Set())
  const mounts = gone.filter(({ kind }) => kind === 'exec.cachemount')
  assert.equal(mounts.length, 1)
  assert.ok((mounts[0]?.bytes ?? 0) >= 4096)
  assert.equal((await build([line('three')])).output(), 'three\n')
})

test('a cache begins with what it is told to', async () => {
  const { output } = await build([
    'FROM busybox AS seed',
    'RUN mkdir /seed && echo seeded > /seed/a',
    'FROM busybox',
    'RUN --mount=type=cache,target=/c,from=seed,source=/seed cat /c/a',
  ])
  assert.equal(output(), 'seeded\n')
})

/** Two steps that may run at the same time, and say what the other left. Where none waits for the other, they do. */
const twoSteps = (sharing: string): readonly string[] => {
  const mounts = [
    `--mount=type=cache,target=/c,id=${sharing},sharing=${sharing}`,
    `--mount=type=cache,target=/meet,id=meet-${sharing}`,
  ]
  const meet = (other: string): string =>
    `i=0; until [ -e /meet/${other} ]; do i=$((i + 1)); [ $i -lt 600 ] || exit 1; sleep 0.1; done`
  const step = (name: string, other: string) =>
    `RUN ${mounts.join(' ')} ls /c > /out-${name}; touch /c/${name} /meet/${name}; ${sharing === 'locked' ? 'sleep 0.3' : meet(other)}; rm /c/${name}`
  return [step('a', 'b'), 'FROM busybox', step('b', 'a'), 'COPY --from=0 /out-a /']
}

test('a locked cache has one user at a time, a private one is copied, a shared one is shared', async () => {
  const seen = async (sharing: string) => {
    const { result } = await build(twoSteps(sharing))
    return made.look(result.id, (root) => ['a', 'b'].map((name) => readFileSync(join(root, `out-${name}`), 'utf8')))
  }
  assert.deepEqual(await seen('locked'), ['', ''])
  assert.deepEqual(await seen('private'), ['', ''])
  assert.deepEqual((await seen('shared')).filter((text) => text !== '').length <= 1, true)
  const caches = readdirSync(join(made.worker.scratch, 'caches'))
  assert.ok(
    caches.some((name) => name.endsWith('-1')),
    'the private one has a copy',
  )
})

test('tmpfs is empty, bounded, and gone afterwards', async () => {
  const { output, result } = await build([
    'RUN --mount=type=tmpfs,target=/t,size=64k touch /t/x && ls /t && (cat /bin/busybox > /t/big 2>/dev/null || echo full)',
  ])
  assert.equal(output(), 'x\nfull\n')
  assert.deepEqual(await entries(result, 't'), ['(nothing)'])
})

test('secrets and agents that nobody sent are absent, or missed in BuildKit’s words', async () => {
  const { output } = await build([
    'RUN --mount=type=secret,id=key --mount=type=ssh ls /run/secrets 2>/dev/null || echo none',
  ])
  assert.equal(output(), 'none\n')
  await assert.rejects(build(['RUN --mount=type=secret,id=key,required=true true']), /secret key: not found/)
  await assert.rejects(build(['RUN --mount=type=ssh,required true']), /unset ssh forward key default/)
})

test('a mount point that was there stays as it was', async () => {
  const { result } = await build([
    'RUN mkdir -p /had/it && touch -d @1000 /had/it /had',
    'RUN --mount=type=tmpfs,target=/had/it/new/deep true',
  ])
  await made.look(result.id, (root) => {
    assert.deepEqual(readdirSync(join(root, 'had/it')), [])
    assert.equal(lstatSync(join(root, 'had/it')).mtimeMs, 1_000_000)
  })
})

test('what a daemon that died left of a step with mounts goes at the next start', async () => {
  const { worker } = made
  const id = 'd'.repeat(64)
  const mounts = join(worker.scratch, 'steps', id, 'mounts')
  const busybox = chainIdOf(made.images.get(made.tags.get('busybox') ?? assert.fail())?.rootfs.diff_ids ?? [])
  mkdirSync(join(mounts, '0'), { recursive: true })
  mountSnapshot(await worker.snapshots.view(`${id}-0`, busybox ?? assert.fail()), join(mounts, '0'))
  await worker.snapshots.prepare(`${id}-to`, busybox)
  await removeLeftovers(worker)
  assert.equal(existsSync(join(worker.scratch, 'steps', id)), false)
  for (const name of ['0', 'to']) assert.equal(await worker.snapshots.stat(`${id}-${name}`), undefined)
})
