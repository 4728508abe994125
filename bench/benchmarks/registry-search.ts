import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresServer } from '@slipway/database/testing'
import { type Bench, type Benchmark, interleave, timed } from '../measure.ts'
import { peersDirectory } from '../peers/root.ts'
import { populateNames, searcher } from '../registries/populate-names.ts'
import { ask, type Connections, connect } from '../registries/push.ts'
import { freePort, startServer } from '../registries/server.ts'
import { slipwayRegistry } from '../registries/slipway.ts'

const repositories = 100_000
/** One request is too short to time alone. */
const times = 10

/** What is typed, from what all have to what none has. */
const texts: readonly (readonly [about: string, text: string])[] = [
  ['nothing', ''],
  ['a word that a fifth of them have', 'web'],
  ['a word that all have', 'kept by'],
  ['a team’s name', 'team42/'],
  ['two words of few', 'cart-proxy'],
  ['one name', '-77777'],
  ['what none has', 'zzzz'],
  ['one letter that all have', 'e'],
  ['two letters that none has', 'zq'],
  ['two digits of a few in a hundred', '77'],
]

const authorization = `Basic ${Buffer.from(`${searcher.user}:${searcher.password}`).toString('base64')}`

const timeOf = async (to: Connections, path: string): Promise<number> => {
  const took = await timed(async () => {
    for (let asked = 0; asked < times; asked += 1) await ask(to, path, 200, { headers: { authorization } })
  })
  return took / times
}

const visit = async (to: Connections, what: string): Promise<Readonly<Record<string, number>>> => {
  const found: [string, number][] = []
  for (const [about, text] of texts) {
    const q = encodeURIComponent(text)
    found.push([`${what}: docker search, ${about}`, await timeOf(to, `/v1/search?n=25&q=${q}`)])
    found.push([`${what}: the page, ${about}`, await timeOf(to, `/api/v1/repositories?q=${q}`)])
  }
  return Object.fromEntries(found)
}

export const registrySearch: Benchmark = {
  name: 'registry-search',
  about: `search among ${repositories} repositories of our registry, a tenth of them private, by an account that may read one team’s: 25 rows as docker asks for them, and the first page of the hub`,
  quick: false,
  async run(bench: Bench) {
    const directory = await mkdtemp(join(bench.inside === undefined ? tmpdir() : peersDirectory, 'registry-search-'))
    await using postgres = await PostgresServer.start()
    try {
      const database = await postgres.createDatabase()
      const wanted = { repositories, signal: bench.signal }
      const places = [
        { what: 'SQLite', dataRoot: join(directory, 'sqlite'), flags: [] },
        { what: 'PostgreSQL', dataRoot: join(directory, 'postgres'), flags: [`--database=${database}`] },
      ]
      await populateNames({ dataRoot: join(directory, 'sqlite') }, wanted)
      await populateNames({ dataRoot: join(directory, 'postgres'), database }, wanted)
      await using servers = new AsyncDisposableStack()
      const asked: (readonly [string, Connections])[] = []
      for (const { what, dataRoot, flags } of places) {
        const port = await freePort()
        const command = [...slipwayRegistry(port, dataRoot), ...flags]
        const { host } = servers.use(await startServer({ command, log: join(directory, 'log'), port }))
        asked.push([what, servers.adopt(connect(host, 1), (to) => to[Symbol.dispose]())])
      }
      return await interleave(bench, [{ name: 'slipway' }], async () => {
        const figures: Record<string, number> = {}
        for (const [what, to] of asked) Object.assign(figures, await visit(to, what))
        return figures
      })
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}
