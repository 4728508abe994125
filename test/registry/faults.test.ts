import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresServer } from '@slipway/database/testing'
import { Moto, Troubled } from '@slipway/registry/s3-servers'
import { eventually } from '../harness/patience.ts'
import { isLong } from '../harness/place.ts'
import { countTo } from '../harness/progress.ts'
import { TestRegistry } from '../harness/registry.ts'
import { run } from '../harness/run.ts'
import { openScratch } from '../harness/scratch.ts'
import { flagsOf } from './bucket-flags.ts'
import { blobOf, Connection, type Image, imageOf } from './connection.ts'
import {
  acknowledged,
  checkWhole,
  expect,
  insist,
  noPromises,
  type Promises,
  push,
  Refused,
  repository,
  verify,
  work,
} from './promises.ts'

const workers = 3
const rounds = isLong ? 12 : 1

/** In milliseconds: longer than a client needs that isn't kept waiting. */
const unreferenced = 20_000

const flags = [
  ...['--gc-interval', '100ms', '--keep-unreferenced', `${unreferenced}ms`, '--keep-untagged', '0'],
  ...['--keep-dangling', '0', '--keep-trash', '0', '--keep-bytes', '0'],
]

interface Fault {
  readonly large?: number
  /** Brings it about, and resolves when it is over; `promises` tell what clients see meanwhile. */
  readonly befall: (promises: Promises) => Promise<void>
}

/** Until clients have been refused so often more. */
const untilRefused = async (promises: Promises, times: number): Promise<void> => {
  const before = promises.refusals
  await eventually('clients are told to come back', async () => promises.refusals >= before + times)
}

/** Clients go on pushing and deleting through a fault; after it they get on, and all that was acknowledged is there. */
const outlive = async (t: TestContext, registry: TestRegistry, { large = 0, befall }: Fault): Promise<void> => {
  const promises = noPromises(unreferenced)
  using connection = new Connection(registry.address)
  let isOver = false
  const working = Promise.all(
    Array.from({ length: workers }, (_, at) =>
      work(connection, { name: `${at}`, promises, large, isOver: () => isOver }),
    ),
  )
  const progress = async (): Promise<void> => {
    const before = acknowledged(promises)
    while (acknowledged(promises) < before + 2 * workers) await Promise.race([sleep(10), working])
  }
  const outlived = countTo(rounds, 'faults')
  for (let round = 0; round < rounds; round += 1) {
    await progress()
    await Promise.race([befall(promises), working])
    await progress()
    outlived()
  }
  isOver = true
  await working
  t.diagnostic(`${acknowledged(promises)} acknowledged, ${promises.refusals} refusals`)
  await verify(connection, promises)
  await checkWhole(registry)
}

test('the database stops, dies and comes back while clients push: they are told when to come back, nothing is lost', async (t) => {
  await using scratch = await openScratch()
  await using server = await PostgresServer.start()
  await using registry = await TestRegistry.start(scratch, [...flags, '--database', await server.createDatabase()])
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    const befall = async (promises: Promises): Promise<void> => {
      await server.stop(signal)
      await untilRefused(promises, 3)
      await server.run()
    }
    await outlive(t, registry, { befall })
  }
})

test('the bucket is slow, answers with errors, breaks off and goes away while clients push', async (t) => {
  await using scratch = await openScratch()
  await using server = await PostgresServer.start()
  await using moto = await Moto.start()
  await using troubled = await Troubled.before(moto.url)
  const bucket = { ...(await moto.createBucket()), endpoint: troubled.url }
  const places = [...flagsOf(bucket), '--database', await server.createDatabase()]
  await using registry = await TestRegistry.start(scratch, [...flags, ...places])
  const befall = async (promises: Promises): Promise<void> => {
    let count = 0
    troubled.trouble = () => (['slow', 'pass', 500, 'lost', 'reset', 'cut'] as const)[count++ % 6] ?? 'pass'
    await sleep(1000)
    troubled.trouble = () => 'reset'
    await untilRefused(promises, 1)
    troubled.trouble = () => 'pass'
  }
  await outlive(t, registry, { befall, large: 6 << 20 })
})

/** Takes everything that is left on a disk. */
const fill = async (disk: string): Promise<void> => {
  const { stderr } = await run('dd', ['if=/dev/zero', `of=${join(disk, 'ballast')}`, 'bs=4k'])
  assert.match(stderr, /No space left/)
}

/** A file system of so many megabytes at `path`. */
const mountSmall = async (image: string, path: string, megabytes: number): Promise<void> => {
  await mkdir(path)
  for (const [program, ...args] of [
    ['truncate', '-s', `${megabytes}M`, image],
    ['mkfs.ext4', '-q', '-m', '0', image],
    ['mount', '-o', 'loop', image, path],
  ] as const) {
    const { code, stderr } = await run(program, args)
    assert.equal(code, 0, `${program}: ${stderr}`)
  }
}

test('the disk fills up and gets room again while clients push: they are told so, nothing is lost', async (t) => {
  await using scratch = await openScratch()
  const disk = join(scratch.path, 'registry')
  await mountSmall(join(scratch.path, 'disk'), disk, 48)
  await using registry = await TestRegistry.start(scratch, flags)
  const befall = async (promises: Promises): Promise<void> => {
    await fill(disk)
    await untilRefused(promises, 5)
    await rm(join(disk, 'ballast'))
  }
  await outlive(t, registry, { befall, large: 1 << 20 })
})

test('on a disk that is full to the last byte images are pulled and deleted, and that makes room', async () => {
  await using scratch = await openScratch()
  const disk = join(scratch.path, 'registry')
  await mountSmall(join(scratch.path, 'disk'), disk, 32)
  await using registry = await TestRegistry.start(scratch, [...flags, '--keep-unreferenced', '1s'])
  using connection = new Connection(registry.address)
  const images = Array.from({ length: 6 }, () => imageOf([blobOf(randomBytes(32)), blobOf(randomBytes(1 << 20))]))
  const [last, ...pushed] = images as [Image, ...Image[]]
  const promises = noPromises(1000)
  for (const [at, image] of pushed.entries()) {
    await insist({ promises }, () => push(connection, `image-${at}`, image, promises))
    promises.kept.set(`image-${at}`, image)
  }
  await fill(disk)
  await assert.rejects(push(connection, 'last', last, promises), Refused)
  await verify(connection, promises)
  for (const { digest } of pushed) {
    expect(await connection.call('DELETE', `/v2/${repository}/manifests/${digest}`), 202)
  }
  await eventually('there is room again', () =>
    push(connection, 'last', last, promises).then(
      () => true,
      (error) => {
        if (error instanceof Refused) return false
        throw error
      },
    ),
  )
  await checkWhole(registry)
})

test('a disk that lets nothing be written is told of with the time to come back, and nothing is lost', async (t) => {
  await using scratch = await openScratch()
  const disk = join(scratch.path, 'registry')
  await mountSmall(join(scratch.path, 'disk'), disk, 48)
  await using registry = await TestRegistry.start(scratch, flags)
  const places = ['ingests', 'objects'].map((name) => join(disk, 'content', name))
  const befall = async (promises: Promises): Promise<void> => {
    await run('chattr', ['+i', ...places])
    await untilRefused(promises, 5)
    await run('chattr', ['-i', ...places])
  }
  await outlive(t, registry, { befall })
})
