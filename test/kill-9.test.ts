import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestEngine } from './harness/engine.ts'
import { mountsBelow } from './harness/mounts.ts'
import { pageAt } from './harness/page.ts'
import { eventually } from './harness/patience.ts'
import { isLong } from './harness/place.ts'
import { countTo } from './harness/progress.ts'
import { TestRegistry } from './harness/registry.ts'
import { openScratch } from './harness/scratch.ts'
import { makeTar } from './harness/tar.ts'

const rounds = isLong ? 25 : 3

interface World {
  readonly engine: TestEngine
  readonly registry: TestRegistry
}

/** Something that the daemon is killed in the middle of. */
interface Operation {
  /** Undoes what the last round did, and makes what this one needs. */
  prepare(world: World): Promise<void>
  /** Resolves when it is acknowledged; rejects when it fails, also by the death of the daemon. */
  perform(world: World): Promise<void>
  /** What was acknowledged is there, and whole. */
  check(world: World): Promise<void>
}

const post = async ({ engine }: World, path: string, body?: string | Uint8Array): Promise<void> => {
  const isTar = body instanceof Uint8Array
  const headers = isTar ? { 'Content-Type': 'application/x-tar' } : {}
  const { status, message, text } = await engine.ask(path, { method: 'POST', headers, ...(body ? { body } : {}) })
  if (status >= 300 || text.includes('"errorDetail"')) throw new Error(`${path}: ${status} ${message}`)
}

const output = (engine: TestEngine, image: string, ...command: readonly string[]): Promise<string> =>
  engine.client().ok(['run', '--rm', image, ...command])

const forget = (engine: TestEngine, image: string) => engine.client().run(['rmi', '-f', image])

/** `/imported`, `/second`, each of several megabytes that no compression makes smaller. */
const largeImage = (): Buffer => makeTar([{ name: 'large', body: randomBytes(12 << 20) }])

const dockerfile = `FROM busybox
RUN dd if=/dev/urandom of=/first bs=1M count=4
COPY Dockerfile /copied
RUN dd if=/dev/urandom of=/second bs=1M count=4 && echo built > /result
`

const remove = ({ engine }: World, name: string) => engine.client().run(['rm', '-f', name])

const operations: Readonly<Record<string, Operation>> = {
  pull: {
    async prepare({ engine, registry }) {
      const image = `${registry.address}/kill/large`
      const listed = await engine.client().run(['manifest', 'inspect', '--insecure', image])
      if (listed.code !== 0) {
        await engine.client().ok(['import', '-c', 'CMD ["true"]', '-', image], { input: largeImage() })
        await engine.client().ok(['push', image])
      }
      await forget(engine, image)
    },
    perform: (world) => post(world, `/images/create?fromImage=${world.registry.address}/kill/large&tag=latest`),
    async check({ engine, registry }) {
      const image = `${registry.address}/kill/large`
      await engine.client().ok(['create', '--name', 'pulled', image])
      await engine.client().ok(['rm', 'pulled'])
    },
  },
  build: {
    prepare: async ({ engine }) => void (await forget(engine, 'kill/built')),
    perform: (world) =>
      post(world, '/build?t=kill/built&nocache=1', makeTar([{ name: 'Dockerfile', body: dockerfile }])),
    check: async ({ engine }) => assert.equal(await output(engine, 'kill/built', 'cat', '/result'), 'built'),
  },
  commit: {
    async prepare(world) {
      await forget(world.engine, 'kill/committed')
      const { code } = await world.engine.client().run(['inspect', 'source'])
      const fill = 'dd if=/dev/urandom of=/large bs=1M count=12; echo kept > /result'
      if (code !== 0) await world.engine.client().ok(['run', '--name', 'source', 'busybox', 'sh', '-c', fill])
    },
    perform: (world) => post(world, '/commit?container=source&repo=kill/committed', '{}'),
    check: async ({ engine }) => assert.equal(await output(engine, 'kill/committed', 'cat', '/result'), 'kept'),
  },
  create: {
    prepare: async (world) => void (await remove(world, 'created')),
    perform: (world) =>
      post(world, '/containers/create?name=created', JSON.stringify({ Image: 'busybox', Cmd: ['echo', 'created'] })),
    check: async ({ engine }) => assert.equal(await engine.client().ok(['start', '-a', 'created']), 'created'),
  },
  start: {
    async prepare(world) {
      await remove(world, 'started')
      await world.engine
        .client()
        .ok(['create', '--name', 'started', '-p', '8080', 'busybox', 'httpd', '-f', '-p', '8080'])
    },
    perform: (world) => post(world, '/containers/started/start'),
    async check({ engine }) {
      assert.match(await engine.client().ok(['ps', '--filter', 'name=started', '--format', '{{.Status}}']), /^Up /)
      const [address = ''] = (await engine.client().ok(['port', 'started', '8080'])).split('\n')
      assert.match(await pageAt(`http://127.0.0.1:${address.split(':')[1]}/`), /404 Not Found/)
    },
  },
}

/** Beside what the records name, nothing: the directories and mounts of containers that there are not. */
const assertClean = async ({ engine }: World): Promise<void> => {
  const list = JSON.parse((await engine.ask('/containers/json?all=1')).text) as { Id: string; State: string }[]
  const known = list.map(({ Id }) => Id)
  const up = list
    .filter(({ State }) => State === 'running')
    .map(({ Id }) => Id)
    .toSorted()
  const namesIn = async (...path: readonly string[]): Promise<readonly string[]> =>
    (await readdir(join(...path)).catch(() => [])).filter((name) => !name.startsWith('ready-')).toSorted()
  // One that never ran may have no directory yet.
  const strangers = (await namesIn(engine.dataRoot, 'containers')).filter((id) => !known.includes(id))
  assert.deepEqual(strangers, [], 'container directories')
  assert.deepEqual(await namesIn(engine.execRoot, 'containers'), up, 'bundles')
  assert.deepEqual(await namesIn(engine.execRoot, 'netns'), up, 'network namespaces')
  const mounted = (await mountsBelow(join(engine.execRoot, 'containers'))).filter((path) => path.endsWith('/rootfs'))
  assert.equal(mounted.length, up.length, 'mounted root file systems')
  assert.deepEqual(await readdir(join(engine.dataRoot, 'builds/contexts')), [], 'build contexts')
}

/**
 * One round: kill the daemon `after` milliseconds into the operation, and look at what the next one finds. Gives whether it was
 * acknowledged.
 */
const killDuring = async (operation: Operation, world: World, after: number): Promise<boolean> => {
  const { engine } = world
  await operation.prepare(world)
  let acknowledged = false
  const over = operation.perform(world).then(
    () => {
      acknowledged = true
    },
    () => undefined,
  )
  await sleep(after)
  await engine.stopDaemon('SIGKILL')
  await over
  await engine.start()
  await assertClean(world)
  if (acknowledged) await operation.check(world)
  await operation.prepare(world)
  await operation.perform(world)
  await operation.check(world)
  return acknowledged
}

test('the daemon is killed with -9 in the middle of', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const world = { engine, registry }

  for (const [name, operation] of Object.entries(operations)) {
    await t.test(`${name}: the next start is clean, nothing acknowledged is lost, and it works again`, async (t) => {
      await operation.prepare(world)
      const begun = performance.now()
      await operation.perform(world)
      const whole = performance.now() - begun
      await operation.check(world)
      const killed = countTo(rounds, 'kills')
      let acknowledged = 0
      for (let round = 0; round < rounds; round++) {
        // Every part of it is hit, the moments just after its end too.
        const after = ((round + Math.random()) / rounds) * whole * 1.1
        const done = await killDuring(operation, world, after).catch((error: unknown) => {
          throw new Error(`killed ${after.toFixed(1)} ms into ${whole.toFixed(1)} ms`, { cause: error })
        })
        acknowledged += Number(done)
        killed()
      }
      t.diagnostic(`${name}: ${rounds} kills, ${acknowledged} acknowledged before`)
    })
  }

  await t.test('when every image is removed, no layer and no blob is left of all that', async () => {
    await engine.removeContainers()
    const ids = (await engine.client().ok(['images', '-aq'])).split('\n')
    await engine.client().run(['rmi', '-f', ...new Set(ids)])
    await engine.ask('/build/prune?all=1', { method: 'POST' })
    await engine.client().ok(['image', 'prune', '-af'])
    await engine.stopDaemon()
    await engine.start()
    await eventually('layers and blobs go', async () => {
      const layers = await readdir(join(engine.dataRoot, 'snapshots/layers'))
      const blobs = await readdir(join(engine.dataRoot, 'content/blobs/sha256'), {
        recursive: true,
        withFileTypes: true,
      })
      return layers.length === 0 && blobs.every((entry) => !entry.isFile())
    })
  })
})

const counting =
  'echo hello > /www/index.html; httpd -p 8080 -h /www; i=0; while sleep 0.02; do i=$((i+1)); echo $i; done'

/**
 * The numbers that a container counts, as its log has them, in order and none twice. A daemon that is killed takes with it the
 * one read that it had in hand, a line or a few: so many gaps there may be at the most. Returns the newest number.
 */
const assertCounted = (log: string, { kills }: { readonly kills: number }): number => {
  const numbers = log.trim().split('\n').map(Number)
  for (const [place, number] of numbers.entries())
    assert.ok(number > (numbers[place - 1] ?? 0), `${number} is out of order`)
  const gaps = numbers.filter((number, place) => number !== (numbers[place - 1] ?? 0) + 1)
  assert.ok(gaps.length <= kills, `${gaps.length} gaps after ${kills} kills: before ${gaps.join(', ')}`)
  return numbers.at(-1) ?? 0
}

test('what runs goes on without the daemon, and is found again', async (t) => {
  await using scratch = await openScratch()
  await using engine = await TestEngine.start(scratch)
  await engine.addBusybox()
  const client = engine.client()
  await client.ok(['run', '-d', '--name', 'counter', '-p', '8080', 'busybox', 'sh', '-c', `mkdir /www; ${counting}`])
  const [address = ''] = (await client.ok(['port', 'counter', '8080'])).split('\n')
  const url = `http://127.0.0.1:${address.split(':')[1]}/`
  assert.equal(await pageAt(url), 'hello\n')

  await t.test('after kill -9: port, logs, exec, attach, and exit codes of the meantime', async () => {
    await client.ok(['run', '-d', '--name', 'brief', 'busybox', 'sh', '-c', 'sleep 1; echo last words; exit 42'])
    await client.ok(['run', '-d', '--name', 'patient', 'busybox', 'sh', '-c', 'sleep 3; exit 43'])
    await engine.stopDaemon('SIGKILL')
    assert.equal(await pageAt(url), 'hello\n')
    await sleep(2000)
    assert.equal(await pageAt(url), 'hello\n')
    await engine.start()
    assert.equal(await pageAt(url), 'hello\n')
    assert.match(
      await client.ok(['ps', '--filter', 'name=counter', '--format', '{{.Status}} {{.Ports}}']),
      /^Up .*->8080\/tcp/,
    )
    assert.equal(await client.ok(['wait', 'brief']), '42')
    assert.equal(await client.ok(['logs', 'brief']), 'last words')
    assert.equal(await client.ok(['wait', 'patient']), '43')
    const before = assertCounted(await client.ok(['logs', 'counter']), { kills: 1 })
    assert.ok(before > 0)
    assert.equal(await client.ok(['exec', 'counter', 'cat', '/www/index.html']), 'hello')
    const attached = client.spawn(['attach', '--no-stdin', '--sig-proxy=false', 'counter'])
    let seen = ''
    attached.stdout.on('data', (bytes) => {
      seen += bytes
    })
    await eventually('attach shows what comes', () => /^\d+\n/m.test(seen))
    attached.kill()
  })

  await t.test('killed again and again, no more is lost than the read in hand', async () => {
    for (let round = 0; round < rounds; round++) {
      await engine.stopDaemon('SIGKILL')
      await sleep(Math.random() * 300)
      await engine.start()
    }
    const kills = rounds + 1
    const before = assertCounted(await client.ok(['logs', 'counter']), { kills })
    await eventually(
      'it counts on',
      async () => assertCounted(await client.ok(['logs', 'counter']), { kills }) > before,
    )
  })

  await t.test('SIGTERM leaves containers and ports as they are', async () => {
    assert.equal(await engine.stopDaemon('SIGTERM'), 0)
    assert.equal(await pageAt(url), 'hello\n')
    await engine.start()
    assert.equal(await pageAt(url), 'hello\n')
    assertCounted(await client.ok(['logs', 'counter']), { kills: rounds + 1 })
  })

  await t.test('and it can be stopped, started and removed as ever', async () => {
    await client.ok(['stop', '-t', '1', 'counter'])
    assert.equal(await client.ok(['inspect', '--format', '{{.State.ExitCode}}', 'counter']), '137')
    await assert.rejects(fetch(url))
    await client.ok(['start', 'counter'])
    await client.ok(['rm', '-f', 'counter', 'brief', 'patient'])
  })
})
