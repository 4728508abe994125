import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { PostgresServer } from '@slipway/database/testing'
import { Moto } from '@slipway/registry/s3-servers'
import { eventually } from '../harness/patience.ts'
import { isLong } from '../harness/place.ts'
import { countTo } from '../harness/progress.ts'
import { TestRegistry } from '../harness/registry.ts'
import { openScratch } from '../harness/scratch.ts'
import { flagsOf } from './bucket-flags.ts'
import { Connection } from './connection.ts'
import { repositories, SoakClient, soakRetention } from './soak-client.ts'

const clientCount = 6
/** A long one may be done in pieces: SLIPWAY_TEST_OPERATIONS says how many. */
const operationCount = isLong ? Number(process.env['SLIPWAY_TEST_OPERATIONS'] ?? 100_000) : 400

const flags = [
  ...['--gc-interval', isLong ? '1s' : '200ms'],
  ...['--keep-unreferenced', `${soakRetention.unreferenced}ms`],
  ...['--keep-untagged', `${soakRetention.untagged}ms`],
  ...['--keep-dangling', `${soakRetention.dangling}ms`],
  ...['--keep-trash', `${soakRetention.trash}ms`],
  ...['--keep-bytes', '0'],
]

interface GcAnswer {
  readonly queue: readonly { readonly kind: string; readonly waiting: number }[]
  readonly totals: readonly { readonly kind: string; readonly collected: number }[]
  readonly freedBytes: number
}

const readGc = async (connection: Connection): Promise<GcAnswer> =>
  JSON.parse((await connection.call('GET', '/api/v1/gc')).body.toString())

const check = async (registry: TestRegistry): Promise<void> => {
  const { code, stdout, stderr } = await registry.administer(['check', '--orphan-age', '0'])
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: 'Everything is as it should be.\n', stderr: '' })
}

interface Soak {
  /** Flags that say where everything is kept. */
  readonly places?: readonly string[]
  readonly operations?: number
  /** Registries over the same places. */
  readonly processes?: number
}

const soak = async (t: TestContext, { places = [], operations = operationCount, processes = 1 }: Soak) => {
  await using scratch = await openScratch()
  await using stack = new AsyncDisposableStack()
  const registries: TestRegistry[] = []
  for (let at = 0; at < processes; at += 1) {
    registries.push(stack.use(await TestRegistry.start(scratch, [...flags, ...places])))
  }
  const [registry] = registries as [TestRegistry]
  const done = countTo(operations, 'operations')
  let left = operations
  const counts: Record<string, number> = {}
  let requests = 0

  const work = async (at: number): Promise<void> => {
    using client = new SoakClient(registries[at % processes]?.address ?? '', `client${at}`)
    while (left > 0) {
      left -= 1
      await client.step()
      done()
    }
    for (const [operation, count] of Object.entries(client.counts)) counts[operation] = (counts[operation] ?? 0) + count
    requests += client.requests
  }
  await Promise.all(Array.from({ length: clientCount }, (_, at) => work(at)))
  t.diagnostic(`${requests} requests: ${JSON.stringify(counts)}`)
  for (const { log } of registries) assert.doesNotMatch(log, /"level":"error"|could not be collected|broken off/)

  using connection = new Connection(registry.address)
  const { totals } = await readGc(connection)
  t.diagnostic(`collected under way: ${JSON.stringify(totals)}`)
  // Nothing is deleted or begun any more; what is due goes on being collected.
  await check(registry)

  for (const name of repositories) {
    assert.equal((await connection.call('DELETE', `/api/v1/repositories/${name}`)).status, 202)
  }
  await eventually('everything is collected', async () => (await readGc(connection)).queue.length === 0, 60_000)
  const { freedBytes, totals: end } = await readGc(connection)
  t.diagnostic(`collected in the end: ${JSON.stringify(end)}`)
  assert.ok(freedBytes > 0)
  for (const kind of ['manifest', 'blob', 'object', 'repository']) {
    assert.ok((end.find((total) => total.kind === kind)?.collected ?? 0) > 0, kind)
  }
  await check(registry)
}

const sentence = 'clients push, pull, mount, attach, delete and roll back while garbage is collected, and none sees it'

test(`${sentence}: SQLite`, (t) => soak(t, {}))

test(`${sentence}: PostgreSQL`, async (t) => {
  await using server = await PostgresServer.start()
  await soak(t, { places: ['--database', await server.createDatabase()] })
})

test(`${sentence}: two registries over PostgreSQL and a bucket`, async (t) => {
  await using server = await PostgresServer.start()
  await using moto = await Moto.start()
  const places = [...flagsOf(await moto.createBucket()), '--database', await server.createDatabase()]
  await soak(t, { places, processes: 2, operations: isLong ? 2000 : 60 })
})
