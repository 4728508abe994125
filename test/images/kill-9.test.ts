import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { TestEngine } from '../harness/engine.ts'
import { isLong } from '../harness/place.ts'
import { countTo } from '../harness/progress.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { makeTar } from '../harness/tar.ts'

const kills = isLong ? 100 : 7

interface World {
  readonly engine: TestEngine
  readonly registry: TestRegistry
  /** An archive of an image with a name of its own. */
  readonly archive: string
}

/** Something that the daemon is killed in the middle of. */
interface Operation {
  prepare(world: World): Promise<unknown>
  /** Resolves when it is acknowledged; rejects when it fails, also by the death of the daemon. */
  perform(world: World): Promise<unknown>
  /** The image that is there, or that is gone, once it is acknowledged. */
  readonly makes?: (world: World) => string
  readonly removes?: (world: World) => string
}

const pushed = ({ registry }: World): string => `${registry.address}/kill/image:latest`
const ok = ({ engine }: World, ...args: readonly string[]): Promise<string> => engine.client().ok(args)
const forget = ({ engine }: World, name: string) => engine.client().run(['rmi', '-f', name])

const post = async ({ engine }: World, path: string, body?: Uint8Array | string): Promise<void> => {
  const { status, text } = await engine.ask(path, { method: 'POST', ...(body ? { body } : {}) })
  if (status >= 300 || text.includes('"errorDetail"')) throw new Error(`${path}: ${status} ${text}`)
}

const load = (world: World): Promise<string> => ok(world, 'load', '-i', world.archive)

const loadAndPush = async (world: World): Promise<void> => {
  await load(world)
  await ok(world, 'tag', 'kill/image', pushed(world))
  await ok(world, 'push', pushed(world))
}

const operations: Readonly<Record<string, Operation>> = {
  load: {
    prepare: (world) => forget(world, 'kill/image'),
    perform: load,
    makes: () => 'kill/image',
  },
  push: {
    async prepare(world) {
      await load(world)
      await ok(world, 'tag', 'kill/image', pushed(world))
    },
    perform: (world) => ok(world, 'push', pushed(world)),
    makes: pushed,
  },
  pull: {
    async prepare(world) {
      await loadAndPush(world)
      for (const name of ['kill/image', pushed(world)]) await forget(world, name)
    },
    perform: (world) => ok(world, 'pull', pushed(world)),
    makes: pushed,
  },
  commit: {
    async prepare(world) {
      await forget(world, 'kill/committed')
      const { code } = await world.engine.client().run(['inspect', 'source'])
      const fill = 'dd if=/dev/urandom of=/large bs=1M count=6; for i in $(seq 300); do echo $i > /file$i; done'
      if (code !== 0) await ok(world, 'run', '--name', 'source', 'busybox', 'sh', '-c', fill)
    },
    perform: (world) => post(world, '/commit?container=source&repo=kill/committed', '{}'),
    makes: () => 'kill/committed',
  },
  rmi: {
    prepare: load,
    perform: (world) => ok(world, 'rmi', '-f', 'kill/image'),
    removes: () => 'kill/image',
  },
  prune: {
    prepare: load,
    perform: (world) => ok(world, 'image', 'prune', '-af'),
    removes: () => 'kill/image',
  },
  'the collection of what was built': {
    async prepare(world) {
      if ((await ok(world, 'images', '-q', 'busybox')) === '') await world.engine.addBusybox()
      const context = makeTar([{ name: 'Dockerfile', body: 'FROM busybox\nRUN echo 1 > /1\nRUN echo 2 > /2\n' }])
      await post(world, '/build?q=1&rm=1', context)
      const built = await ok(world, 'images', '-q', '-f', 'dangling=true')
      await world.engine.client().run(['rmi', '-f', ...built.split('\n')])
    },
    perform: (world) => post(world, '/build/prune?all=1'),
  },
}

const isThere = async (world: World, name: string): Promise<boolean> => (await ok(world, 'images', '-q', name)) !== ''

/** Every blob is whole, every layer's files are those of its tar, and nothing is over. */
const assertClean = async ({ engine }: World): Promise<void> => {
  const { text } = await engine.ask('/system/check', { method: 'POST' })
  assert.deepEqual((JSON.parse(text) as { Findings: unknown }).Findings, [])
}

/** How long it takes when nobody kills anybody, in milliseconds. */
const measure = async (operation: Operation, world: World): Promise<number> => {
  await operation.prepare(world)
  const begun = performance.now()
  await operation.perform(world)
  return performance.now() - begun
}

/** Gives whether it was acknowledged before. */
const killDuring = async (operation: Operation, world: World, after: number): Promise<boolean> => {
  await operation.prepare(world)
  const outcome = operation.perform(world).then(
    () => 'acknowledged',
    () => 'failed',
  )
  await sleep(after)
  await world.engine.stopDaemon('SIGKILL')
  const isAcknowledged = (await outcome) === 'acknowledged'
  await world.engine.start()
  await assertClean(world)
  if (!isAcknowledged) return false
  if (operation.makes !== undefined) assert.ok(await isThere(world, operation.makes(world)), 'what was made is there')
  if (operation.removes !== undefined) assert.ok(!(await isThere(world, operation.removes(world))), 'it is gone')
  return true
}

const writeArchive = async (engine: TestEngine, path: string): Promise<void> => {
  const files = Array.from({ length: 400 }, (_, at) => ({ name: `files/${at}`, body: `${at}` }))
  const tar = makeTar([{ name: 'large', body: randomBytes(6 << 20) }, { name: 'files/' }, ...files])
  const client = engine.client()
  await client.ok(['import', '-c', 'CMD ["true"]', '-', 'kill/image'], { input: tar })
  await client.ok(['save', '-o', path, 'kill/image'])
}

test('kill -9 in the middle of anything done to images: the next start is clean, and what was promised is there', async (t) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch)
  await using engine = await TestEngine.start(scratch)
  await mkdir(join(scratch.path, 'archives'))
  const world = { engine, registry, archive: join(scratch.path, 'archives/image.tar') }
  await engine.addBusybox()
  await writeArchive(engine, world.archive)

  const all = Object.entries(operations)
  const durations = new Map<string, number>()
  const killed = countTo(kills, 'kills')
  let acknowledged = 0
  for (let kill = 0; kill < kills; kill++) {
    const [name, operation] = all[kill % all.length] ?? assert.fail()
    const whole = durations.get(name) ?? (await measure(operation, world))
    durations.set(name, whole)
    // A little beyond its end, too.
    const after = Math.random() * whole * 1.1
    await t.test(`${name}, after ${after.toFixed(0)} of ${whole.toFixed(0)} ms`, async () => {
      if (await killDuring(operation, world, after)) acknowledged += 1
    })
    killed()
  }
  t.diagnostic(`${kills} kills, ${acknowledged} acknowledged before`)
})
