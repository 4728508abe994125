import { randomInt } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PostgresServer } from '@slipway/database/testing'
import { Moto } from '@slipway/registry/s3-servers'
import { isLong } from '../harness/place.ts'
import { countTo } from '../harness/progress.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { flagsOf } from './bucket-flags.ts'
import { Connection } from './connection.ts'
import { acknowledged, checkWhole, noPromises, verify, work } from './promises.ts'

const workers = 4

/** Everything is due at once but what a client was promised: uploads, manifests and collection are always under way. */
const flags = [
  ...['--gc-interval', '10ms', '--keep-untagged', '0'],
  ...['--keep-dangling', '0', '--keep-trash', '0', '--keep-bytes', '0'],
]

const isGone = (error: unknown): boolean => ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'].includes(String(Object(error).code))

interface Killing {
  readonly rounds: number
  /** Flags that say where everything is kept. */
  readonly places?: readonly string[]
  /** Bytes of a layer that some images have besides. */
  readonly large?: number
  /** How long a blob is kept for its manifest, in milliseconds: longer than a client needs. */
  readonly unreferenced?: number
}

const killAndLook = async (t: TestContext, { rounds, places = [], large = 0, unreferenced = 10_000 }: Killing) => {
  await using scratch = await openScratch()
  await using registry = await TestRegistry.start(scratch, [
    ...flags,
    '--keep-unreferenced',
    `${unreferenced}ms`,
    ...places,
  ])
  const promises = noPromises(unreferenced)
  const killed = countTo(rounds, 'kills')
  for (let round = 0; round < rounds; round += 1) {
    using connection = new Connection(registry.address)
    const before = acknowledged(promises)
    const working = Array.from({ length: workers }, (_, at) =>
      work(connection, { name: `${round}-${at}`, promises, large }),
    )
    const outcomes = Promise.allSettled(working)
    while (acknowledged(promises) < before + workers + 2) await Promise.race([sleep(10), ...working])
    await sleep(randomInt(150))
    await registry.kill()
    for (const outcome of await outcomes) {
      if (outcome.status === 'rejected' && !isGone(outcome.reason)) throw outcome.reason
    }
    await registry.startAgain()
    using after = new Connection(registry.address)
    await verify(after, promises)
    killed()
  }
  t.diagnostic(`${rounds} kills, ${promises.kept.size} images kept, ${promises.deleted.size} deleted`)
  await checkWhole(registry)
}

const sentence = 'kill -9 at any moment of pushes, deletions and collections: what was acknowledged holds'

test(`${sentence}: SQLite and files`, (t) => killAndLook(t, { rounds: isLong ? 60 : 3 }))

test(`${sentence}: PostgreSQL and a bucket`, async (t) => {
  await using server = await PostgresServer.start()
  await using moto = await Moto.start()
  const places = [...flagsOf(await moto.createBucket()), '--database', await server.createDatabase()]
  // Some come in several parts: also between two of them it dies.
  const large = isLong ? 11 << 20 : 6 << 20
  await killAndLook(t, { rounds: isLong ? 40 : 2, places, large, unreferenced: 30_000 })
})
