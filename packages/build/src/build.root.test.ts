import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { hasCode } from '@slipway/core'
import { buildDockerfile } from './build.ts'
import { makeContext, type RecordedRequest, recordedRequest } from './testing/request.ts'
import { openTestWorker, type TestWorker } from './testing/worker.ts'
import type { BuildRequest, BuildResult } from './worker.ts'

let made: TestWorker
before(async () => {
  made = await openTestWorker()
})
after(() => made[Symbol.asyncDispose]())

const build = async (
  lines: readonly string[],
  files: Readonly<Record<string, string>> = {},
  asked: Omit<Partial<BuildRequest>, 'context'> = {},
): Promise<RecordedRequest & { readonly result: BuildResult }> => {
  using context = makeContext(files)
  const recorded = recordedRequest({ dockerfile: lines.join('\n'), context: context.path, ...asked })
  return { ...recorded, result: await buildDockerfile(recorded.request, made.worker) }
}

const read = (result: BuildResult, path: string): Promise<string> =>
  made.look(result.id, (root) => readFileSync(join(root, path), 'utf8'))

const leftInScratch = (): readonly string[] => {
  const steps = join(made.worker.scratch, 'steps')
  return existsSync(steps) ? readdirSync(steps) : []
}

test('a Dockerfile becomes an image, and becomes it again from the cache', async () => {
  const lines = [
    'FROM busybox',
    'ENV GREETING=hi',
    'RUN echo $GREETING there > /greeting && cat /greeting',
    'COPY hello.txt /data/',
    'CMD ["cat", "/greeting"]',
  ]
  const first = await build(lines, { 'hello.txt': 'hello\n' }, { tags: ['web:v1'] })
  assert.equal(first.output(), 'hi there\n')
  assert.deepEqual(first.cached(), [])
  assert.equal(made.tags.get('web:v1'), first.result.id)
  await made.look(first.result.id, (root) => {
    assert.equal(readFileSync(join(root, 'greeting'), 'utf8'), 'hi there\n')
    assert.equal(readFileSync(join(root, 'data/hello.txt'), 'utf8'), 'hello\n')
    for (const stub of ['resolv.conf', 'hosts']) assert.equal(existsSync(join(root, 'etc', stub)), false)
    for (const empty of ['dev', 'proc', 'sys']) assert.deepEqual(readdirSync(join(root, empty)), [])
  })
  const { config } = first.result
  assert.deepEqual(config.config?.Cmd, ['cat', '/greeting'])
  assert.equal(config.rootfs.diff_ids.length, 3)
  assert.deepEqual(
    config.history?.map(({ created_by, empty_layer = false }) => [created_by, empty_layer]),
    [
      ['ENV GREETING=hi', true],
      ['RUN /bin/sh -c echo $GREETING there > /greeting && cat /greeting # buildkit', false],
      ['COPY hello.txt /data/ # buildkit', false],
      ['CMD ["cat" "/greeting"]', true],
    ],
  )

  const second = await build(lines, { 'hello.txt': 'hello\n' })
  assert.deepEqual(second.cached(), [2, 3, 4, 5])
  assert.equal(second.result.id, first.result.id)
  assert.deepEqual(leftInScratch(), [])
})

test('a changed ENV invalidates what follows it, and only that', async () => {
  const lines = (value: string) => [
    'FROM busybox',
    'RUN echo one > /1',
    `ENV REFRESHED_AT=${value}`,
    'RUN echo two > /2',
  ]
  await build(lines('monday'))
  assert.deepEqual((await build(lines('tuesday'))).cached(), [2])
  assert.deepEqual((await build(lines('monday'))).cached(), [2, 3, 4])
})

test('COPY is keyed by content: a touched file is the same, a changed one is not, and neither is a changed mode', async () => {
  using context = makeContext({ 'src/a': 'a', 'src/b': 'b', other: 'x' })
  const dockerfile = 'FROM busybox\nCOPY src /src\nRUN cat /src/a'
  const cachedSteps = async () => {
    const recorded = recordedRequest({ dockerfile, context: context.path })
    await buildDockerfile(recorded.request, made.worker)
    return recorded.cached()
  }
  assert.deepEqual(await cachedSteps(), [])
  writeFileSync(join(context.path, 'src/a'), 'a')
  writeFileSync(join(context.path, 'other'), 'y')
  assert.deepEqual(await cachedSteps(), [2, 3])
  writeFileSync(join(context.path, 'src/a'), 'A')
  assert.deepEqual(await cachedSteps(), [])
})

test('--no-cache builds everything anew, and what it built is what the next build finds', async () => {
  const lines = ['FROM busybox', 'RUN cat /proc/sys/kernel/random/uuid > /uuid', 'CMD x']
  const first = await build(lines)
  const second = await build(lines, {}, { noCache: true })
  assert.deepEqual(second.cached(), [])
  assert.notEqual(await read(first.result, 'uuid'), await read(second.result, 'uuid'))
  const third = await build(lines)
  assert.deepEqual(third.cached(), [2, 3])
  assert.equal(third.result.id, second.result.id)
})

test('a RUN that fails says so, keeps what was finished, and the mended build goes on from there', async () => {
  const lines = (last: string) => ['FROM busybox', 'RUN echo kept > /kept', `RUN ${last}`, 'CMD x']
  using context = makeContext({})
  const failing = recordedRequest({ dockerfile: lines('echo on its way; exit 7').join('\n'), context: context.path })
  await assert.rejects(buildDockerfile(failing.request, made.worker), (error: unknown) => {
    assert.ok(hasCode(error, 'invalid'))
    assert.match(error.message, /did not complete successfully: exit code: 7/)
    assert.deepEqual(error.detail, { exitCode: 7, command: '/bin/sh -c echo on its way; exit 7' })
    return true
  })
  assert.equal(failing.output(), 'on its way\n')
  const saved = failing.events.findLast((event) => event.kind === 'finished')
  assert.equal(saved?.kind === 'finished' && saved.step, 2)
  const id = saved?.kind === 'finished' ? saved.imageId : undefined
  assert.ok(id !== undefined)
  assert.equal(await made.look(id, (root) => readFileSync(join(root, 'kept'), 'utf8')), 'kept\n')
  assert.deepEqual((await build(lines('true'))).cached(), [2])
  assert.deepEqual(leftInScratch(), [])
})

test('stages are built as far as they are needed, and COPY --from takes files with their owners', async () => {
  const lines = [
    'ARG BASE=busybox',
    'FROM $BASE AS build',
    'ARG WHO=web',
    'RUN mkdir /out && echo made > /out/file && busybox chown 33:44 /out/file && chmod 640 /out/file',
    'FROM busybox AS unneeded',
    'RUN exit 1',
    'FROM scratch',
    'COPY --from=build /out/ /srv/',
    'COPY --from=0 --chown=5:6 /out/file /other/',
  ]
  const { result, events } = await build(lines)
  await made.look(result.id, (root) => {
    const { uid, gid, mode } = lstatSync(join(root, 'srv/file'))
    assert.deepEqual([uid, gid, mode & 0o777], [33, 44, 0o640])
    const other = lstatSync(join(root, 'other/file'))
    assert.deepEqual([other.uid, other.gid], [5, 6])
    const parent = lstatSync(join(root, 'other'))
    assert.deepEqual([parent.uid, parent.gid, parent.mode & 0o777], [5, 6, 0o755])
    assert.deepEqual(readdirSync(root).sort(), ['other', 'srv'])
  })
  const planned = events.find((event) => event.kind === 'planned')
  assert.equal(planned?.kind === 'planned' && planned.total, 7)
})

test('a stage that comes out the same is as good as a cached one for COPY --from', async () => {
  const lines = (comment: string) => [
    'FROM busybox AS build',
    `RUN echo same > /file # ${comment}`,
    'FROM busybox',
    'COPY --from=build /file /file',
    'RUN cat /file',
  ]
  await build(lines('one'))
  assert.deepEqual((await build(lines('two'))).cached(), [4, 5])
})

test('two builds of the same thing at once do it once', async () => {
  const lines = ['FROM busybox', 'RUN sleep 3; cat /proc/sys/kernel/random/uuid > /uuid']
  const [one, two] = await Promise.all([build(lines), build(lines)])
  assert.equal(one.result.id, two.result.id)
  // Where the machine is slow, one may find what the other has done already.
  const ran = [one, two].flatMap(({ events }) =>
    events.flatMap((event) => (event.kind === 'running' ? [event.id] : [])),
  )
  assert.equal(new Set(ran).size, 1)
})

test('branches run at the same time', async () => {
  // Each ends when the other has begun, or finds that it never does.
  const meet = (own: string, other: string): string =>
    `RUN --mount=type=cache,id=meet,target=/c : > /c/${own}; i=0; until [ -e /c/${other} ]; do i=$((i + 1)); [ $i -lt 600 ] || exit 1; sleep 0.1; done; echo ${own} > /${own}`
  const lines = [
    'FROM busybox AS a',
    meet('a', 'b'),
    'FROM busybox AS b',
    meet('b', 'a'),
    'FROM scratch',
    'COPY --from=a /a /a',
    'COPY --from=b /b /b',
  ]
  const { events } = await build(lines)
  const order = events.flatMap((event) =>
    (event.kind === 'running' || event.kind === 'finished') && [2, 4].includes(event.step) ? [event.kind] : [],
  )
  assert.deepEqual(order, ['running', 'running', 'finished', 'finished'])
})

test('an aborted build ends its processes and leaves nothing', async () => {
  using context = makeContext({})
  const controller = new AbortController()
  const dockerfile = 'FROM busybox\nRUN echo started; sleep 1000'
  const recorded = recordedRequest({ dockerfile, context: context.path, signal: controller.signal })
  const running = buildDockerfile(recorded.request, made.worker)
  while (!recorded.output().includes('started')) await setTimeout(20)
  controller.abort()
  await assert.rejects(running, (error: unknown) => hasCode(error, 'cancelled'))
  assert.deepEqual(leftInScratch(), [])
  const names = []
  for await (const { name, kind } of made.worker.snapshots.list()) if (kind !== 'committed') names.push(name)
  assert.deepEqual(names, [])
})

test('a step that the kernel kills for want of memory is told so, and no other', async () => {
  using context = makeContext({})
  const run = async (command: string): Promise<unknown> => {
    const dockerfile = `FROM busybox\nRUN ${command}\n`
    const { request } = recordedRequest({ dockerfile, context: context.path, resources: { memory: 32 << 20 } })
    return buildDockerfile(request, made.worker).then(
      () => undefined,
      (error: unknown) => error,
    )
  }
  const killed = await run('head -c 200m /dev/zero | tail')
  assert.ok(hasCode(killed, 'invalid'))
  assert.match(killed.message, /^process "\/bin\/sh -c head .*" did not complete successfully: cannot allocate memory$/)
  assert.deepEqual(killed.detail['outOfMemory'], true)
  const gone = await run('exit 137')
  assert.ok(hasCode(gone, 'invalid'))
  assert.match(gone.message, /did not complete successfully: exit code: 137$/)
})

test('one branch that fails stops the others', async () => {
  using context = makeContext({})
  const dockerfile = [
    'FROM busybox AS slow',
    'RUN sleep 1000',
    'FROM busybox AS bad',
    'RUN sleep 0.2; exit 3',
    'FROM scratch',
    'COPY --from=slow / /',
    'COPY --from=bad / /',
  ].join('\n')
  const { request } = recordedRequest({ dockerfile, context: context.path })
  await assert.rejects(buildDockerfile(request, made.worker), /exit code: 3/)
  assert.deepEqual(leftInScratch(), [])
})

test('RUN has its user, its directory, its arguments, and a network only when it may', async () => {
  const lines = [
    'FROM busybox',
    'ARG SECRET_SAUCE=ketchup',
    'WORKDIR /work',
    'USER web',
    'RUN id -u; id -g; id -G; busybox pwd; echo $SECRET_SAUCE; echo $HOME',
    'USER 7:8',
    'WORKDIR deeper',
    'RUN --network=none id -u; id -g; busybox ls /sys/class/net',
    'RUN busybox touch /not-mine 2>/dev/null || echo refused',
  ]
  const { output, result } = await build(lines, {}, { buildArgs: { SECRET_SAUCE: 'mayo' } })
  assert.equal(output(), '33\n44\n44 50\n/work\nmayo\n/\n7\n8\nlo\nrefused\n')
  await made.look(result.id, (root) => {
    assert.equal(lstatSync(join(root, 'work')).uid, 0)
    assert.deepEqual([lstatSync(join(root, 'work/deeper')).uid, lstatSync(join(root, 'work/deeper')).gid], [7, 8])
  })
})

test('heredocs are scripts, programs and files', async () => {
  const lines = [
    'FROM busybox',
    'ENV WHO=world',
    'RUN <<EOF',
    'echo one > /log',
    'echo "two $WHO" >> /log',
    'EOF',
    'RUN <<EOF',
    '#!/bin/cat',
    'three',
    'EOF',
    'COPY <<greeting <<"raw" /files/',
    'hello $WHO',
    'greeting',
    'hello $WHO',
    'raw',
  ]
  const { result, output } = await build(lines)
  assert.equal(output(), '#!/bin/cat\nthree\n')
  assert.equal(await read(result, 'log'), 'one\ntwo world\n')
  assert.equal(await read(result, 'files/greeting'), 'hello world\n')
  assert.equal(await read(result, 'files/raw'), 'hello $WHO\n')
  await made.look(result.id, (root) => assert.equal(existsSync(join(root, 'dev/pipes')), false))
})

test('the triggers of a base image run right after FROM', async () => {
  await build(['FROM busybox', 'ONBUILD COPY . /src', 'ONBUILD RUN cat /src/file > /seen'], {}, { tags: ['trigger'] })
  const { result, events } = await build(['FROM trigger', 'CMD x'], { file: 'content' })
  assert.equal(await read(result, 'seen'), 'content')
  assert.equal(result.config.config?.OnBuild, undefined)
  assert.deepEqual(
    events.map(({ kind }) => kind).filter((kind) => kind === 'triggers' || kind === 'finished'),
    ['triggers', 'finished', 'finished'],
  )
})

test('labels, SOURCE_DATE_EPOCH and unused arguments', async () => {
  const asked = { labels: { a: 'b' }, buildArgs: { SOURCE_DATE_EPOCH: '86400', UNUSED: 'x' } }
  const { result, events } = await build(['FROM busybox', 'LABEL c=d'], {}, asked)
  assert.deepEqual(result.config.config?.Labels, { c: 'd', a: 'b' })
  assert.equal(result.config.created, '1970-01-02T00:00:00.000Z')
  const warning = events.find((event) => event.kind === 'warning')
  assert.equal(warning?.kind === 'warning' && warning.text, 'One or more build-args [UNUSED] were not consumed')
})

test('labels of the request are the last steps where steps are saved, and none where they are not', async () => {
  const lines = ['FROM busybox AS base', 'LABEL c=d', 'FROM base']
  const asked = { labels: { b: '$x', a: '1' }, target: 'base' }
  const stepped = await build(lines, {}, asked)
  const texts = stepped.events.flatMap((event) => (event.kind === 'started' ? [event.text] : []))
  assert.deepEqual(texts, ['FROM busybox AS base', 'LABEL c=d', 'LABEL a=1', 'LABEL b=$x'])
  assert.deepEqual(stepped.result.config.config?.Labels, { c: 'd', a: '1', b: '$x' })
  const merged = await build(lines, {}, { ...asked, saveSteps: false })
  assert.equal(merged.events.filter(({ kind }) => kind === 'started').length, 2)
  const otherOrder = await build(lines, {}, { ...asked, labels: { a: '1', b: '$x' }, saveSteps: false })
  assert.equal(otherOrder.result.id, merged.result.id)
})

test('an image that is not there is told by its name', async () => {
  await assert.rejects(build(['FROM nowhere/nothing']), /pull access denied for nowhere\/nothing/)
})

test('a context is fetched when a stage needs it, and once', async () => {
  const opened: string[] = []
  const open = (name: string) =>
    [
      name,
      async () => {
        opened.push(name)
        if (name === 'broken') throw new Error('fetched')
        return { kind: 'image', reference: 'busybox' } as const
      },
    ] as const
  const contexts = new Map([open('used'), open('broken')])
  const lines = [
    'FROM broken AS other',
    'FROM used AS one',
    'RUN --mount=from=broken true',
    'FROM used',
    'COPY --from=used /bin/sh /',
  ]
  await build(lines, {}, { contexts })
  assert.deepEqual(opened, ['used'])
  await assert.rejects(build(lines, {}, { contexts, target: 'one' }), /fetched/)
})

test('a stage with the name of a context is that context, for who means it by its number and as target', async () => {
  const context = { kind: 'image', reference: 'busybox' } as const
  const contexts = new Map([...['base', 'scratch', 'context'].map((name) => [name, async () => context] as const)])
  const lines = ['FROM no.invalid/thing AS Base', 'RUN false', 'FROM scratch', 'COPY --from=0 /bin/busybox /b']
  const { result } = await build(lines, {}, { contexts })
  assert.equal(result.config.rootfs.diff_ids.length, 1)
  const { result: target } = await build(lines, {}, { contexts, target: 'base' })
  assert.deepEqual(target.config.config?.Cmd, ['sh'])
})
