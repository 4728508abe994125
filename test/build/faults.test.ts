import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, readdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestEngine } from '../harness/engine.ts'
import { mountsBelow } from '../harness/mounts.ts'
import { eventually } from '../harness/patience.ts'
import { isLong } from '../harness/place.ts'
import { processesNaming } from '../harness/processes.ts'
import { countTo } from '../harness/progress.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { Builder } from './builder.ts'

const rounds = isLong ? 60 : 2
const patience = 60_000
const megabyte = 1 << 20
const noise = (bytes: number): string => randomBytes(bytes / 2).toString('hex')

const isWell = async (engine: TestEngine): Promise<void> =>
  assert.match(await engine.client('slipway').ok(['system', 'check']), /all is well$/)

/** Nothing of a build that is over: no directory, mount, process, or contents that came for nothing. */
const assertNothingLeft = async (engine: TestEngine): Promise<void> => {
  const builds = join(engine.dataRoot, 'builds')
  const left = async (): Promise<readonly string[]> => [
    ...(await readdir(join(builds, 'steps')).catch(() => [])),
    ...(await readdir(join(builds, 'contexts'))),
    ...(await mountsBelow(builds)),
    ...(await processesNaming([`${builds}/steps`])).map(({ command }) => command),
  ]
  await eventually('nothing of it is left', async () => (await left()).length === 0, patience)
}

/** Steps with something of their own, that take long enough to be caught in the middle. */
const manySteps = (own: string): string =>
  [
    'FROM busybox',
    ...[1, 2, 3, 4].flatMap((step) => [`RUN echo ${own}${step} >/${step}; sleep 0.2`, `COPY . /copy${step}/`]),
  ].join('\n')

test('kill -9 in the middle of a build: the next start is clean, and the next build continues', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const files = Object.fromEntries(Array.from({ length: 200 }, (_, file) => [`files/${file}`, noise(20_000)]))

  await t.test('steps that were finished are in the cache', async () => {
    const mark = `${process.pid}${Date.now() % 1000}`
    const steps = (last: string): string =>
      `FROM busybox\nRUN echo ${mark} >/first\nCOPY f /f\nRUN ${last} && echo ${mark}\n`
    const root = await builder.context({ Dockerfile: steps(`sleep 9${mark}`), f: mark })
    const client = builder.spawn(['build', root])
    const ended = once(client, 'close')
    await eventually('the step runs', async () => (await processesNaming([`sleep 9${mark}`])).length > 0, patience)
    await engine.stopDaemon('SIGKILL')
    await ended
    await engine.start()
    assert.deepEqual(await processesNaming([`sleep 9${mark}`]), [])
    await assertNothingLeft(engine)
    await builder.write(root, { Dockerfile: steps('true') })
    assert.equal((await builder.build(root)).match(/^#\d+ CACHED$/gm)?.length, 2)
    await isWell(engine)
  })

  for (let round = 1; round <= rounds; round += 1) {
    const after = Math.random() * 2500
    await t.test(`at any moment, round ${round}: after ${after.toFixed(0)} ms`, async () => {
      const root = await builder.context({ ...files, own: noise(100), Dockerfile: manySteps(`round ${round}`) })
      const client = builder.spawn(['build', '-t', 'survivor', root])
      const ended = once(client, 'close')
      await sleep(after)
      await engine.stopDaemon('SIGKILL')
      await ended
      await engine.start()
      await assertNothingLeft(engine)
      await isWell(engine)
      await builder.build('-t', 'survivor', root)
      const script = 'cat /4; for d in 1 2 3 4; do ls /copy$d/files | wc -l; done'
      const shown = await builder.ok(['run', '--rm', 'survivor', 'sh', '-c', script])
      assert.equal(shown, `round ${round}4\n200\n200\n200\n200\n`)
    })
  }
})

test('a client that goes away at any moment leaves nothing, and the next build is whole', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const files = Object.fromEntries(Array.from({ length: 8 }, (_, file) => [`${file}`, noise(4 * megabyte)]))
  const gone = countTo(rounds, 'clients')
  for (let round = 1; round <= rounds; round += 1) {
    const root = await builder.context({ ...files, own: noise(100), Dockerfile: manySteps(`round ${round}`) })
    const client = builder.spawn(['build', root])
    const ended = once(client, 'close')
    const after = Math.random() * 1500
    t.diagnostic(`gone after ${after.toFixed(0)} ms`)
    await sleep(after)
    client.kill('SIGKILL')
    await ended
    await assertNothingLeft(engine)
    const received = join(engine.dataRoot, 'builds/received')
    await builder.build('-t', 'whole', root)
    gone()
    for (const directory of await readdir(received)) {
      // What came of an upload that was broken off would be a second one of everything.
      const packs = (await readdir(join(received, directory))).filter((name) => name.startsWith('pack-'))
      assert.ok(packs.length <= Object.keys(files).length + 2, packs.join(' '))
    }
  }
  await isWell(engine)
})

test('two builds of the same at once: each step is done once, and both get it', async () => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const root = await builder.context({
    Dockerfile: [
      'FROM busybox',
      'RUN --mount=type=cache,target=/counted echo run >>/counted/runs && sleep 2 && cp /counted/runs /runs',
      'COPY file /file',
      'RUN cat /runs /file >/all',
    ].join('\n'),
    file: 'file\n',
  })
  await Promise.all(['one', 'two', 'three'].map((name) => builder.build('-t', name, root)))
  const ids = await Promise.all(
    ['one', 'two', 'three'].map((name) => builder.ok(['image', 'inspect', '-f', '{{.Id}}', name])),
  )
  assert.equal(new Set(ids).size, 1)
  assert.equal(await builder.ok(['run', '--rm', 'two', 'cat', '/all']), 'run\nfile\n')

  // One that goes away doesn't stop it for the other.
  const mark = `${process.pid}${Date.now() % 1000}`
  await builder.write(root, { Dockerfile: `FROM busybox\nRUN echo ${mark} && sleep 3.${mark} && echo kept >/kept\n` })
  const leaving = builder.spawn(['build', root])
  const ended = once(leaving, 'close')
  await eventually('the step runs', async () => (await processesNaming([`sleep 3.${mark}`])).length > 0, patience)
  const staying = builder.build('-t', 'stayed', root)
  await sleep(500)
  leaving.kill('SIGINT')
  await ended
  await staying
  assert.equal(await builder.ok(['run', '--rm', 'stayed', 'cat', '/kept']), 'kept\n')
  await assertNothingLeft(engine)
})

test('a disk that fills: the build says so, what it took is free again, and the next one works', async (t) => {
  await using scratch = await openScratch()
  const dataRoot = join(scratch.path, 'small')
  await mkdir(dataRoot)
  assert.equal((await run('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', dataRoot])).code, 0)
  await using engine = await TestEngine.start(scratch, { dataRoot })
  await engine.addBusybox()
  const builder = await Builder.open(scratch, engine)
  const used = async (): Promise<number> => {
    const { blocks, bfree, bsize } = await statfs(dataRoot)
    return (blocks - bfree) * bsize
  }
  const refuses = async (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> => {
    await builder.ok(['buildx', 'prune', '-af'])
    const before = await used()
    const { code, stdout, stderr } = await builder.run(args, undefined, env)
    assert.notEqual(code, 0)
    assert.match(`${stdout}${stderr}`, /no space left on device/i)
    await assertNothingLeft(engine)
    await builder.ok(['buildx', 'prune', '-af'])
    await eventually('what it took is free', async () => (await used()) <= before + 2 * megabyte, patience)
    await isWell(engine)
    const small = await builder.context({ Dockerfile: 'FROM busybox\nCOPY f /f\nRUN cat /f >/g\n', f: noise(10) })
    await builder.build(small)
  }

  await t.test('in a RUN', async () => {
    const root = await builder.context({ Dockerfile: 'FROM busybox\nRUN dd if=/dev/zero of=/large bs=1M count=100\n' })
    await refuses(['build', '--progress=plain', root])
  })
  const large = await builder.context({ Dockerfile: 'FROM busybox\nCOPY . /all/\n', large: noise(80 * megabyte) })
  await t.test('while a context comes', () => refuses(['build', '--progress=plain', large]))
  await t.test('while a context comes by the classic door', () => refuses(['build', large], { DOCKER_BUILDKIT: '0' }))
  const layer = await builder.context({ Dockerfile: 'FROM busybox\nCOPY . /all/\n', large: noise(32 * megabyte) })
  await t.test('in a COPY', () => refuses(['build', '--progress=plain', layer]))
})
