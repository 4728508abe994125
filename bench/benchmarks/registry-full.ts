import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, type Benchmark, interleave, timed, type Unit } from '../measure.ts'
import { peakMemory } from '../memory.ts'
import { peersDirectory } from '../peers/root.ts'
import { blobsEach, populateMetadata, tagOf } from '../registries/populate.ts'
import { ask, type Connections, connect } from '../registries/push.ts'
import { freePort, type Server, startServer } from '../registries/server.ts'
import { slipwayRegistry } from '../registries/slipway.ts'
import { connections, requestRate } from '../registries/wrk.ts'

const repository = 'bench/full'
const manifests = 100_000
/** One request is too short to time alone. */
const times = 20

const units: Readonly<Record<string, Unit>> = {
  [`manifests by any tag, ${connections} connections`]: 'req/s',
  'largest memory': 'MiB',
}

/** wrk asks for another manifest each time. */
const script = `request = function()
  return wrk.format(nil, string.format('/v2/${repository}/manifests/v%06d', math.random(0, ${manifests - 1})))
end
`

const page = async (to: Connections, first: number, count: number): Promise<number> => {
  const last = first === 0 ? '' : `&last=${tagOf(first - 1)}`
  const expected = JSON.stringify(Array.from({ length: count }, (_, number) => tagOf(first + number)))
  const took = await timed(async () => {
    for (let asked = 0; asked < times; asked += 1) {
      const { body } = await ask(to, `/v2/${repository}/tags/list?n=${count}${last}`, 200)
      if (!body.includes(expected)) throw new Error(`the page of tags from ${first} on is another one`)
    }
  })
  return took / times
}

const visit = async (
  { host, pid, startedIn }: Server,
  scriptPath: string,
): Promise<Readonly<Record<string, number>>> => {
  using to = connect(host, 1)
  const firstPage = await page(to, 0, 100)
  const middlePage = await page(to, manifests / 2, 1000)
  return {
    'start to /v2/': startedIn,
    'first 100 tags': firstPage,
    '1000 tags from the middle': middlePage,
    [`manifests by any tag, ${connections} connections`]: await requestRate(`http://${host}/`, scriptPath),
    'figures for Prometheus': await timed(() => ask(to, '/metrics', 200)),
    'largest memory': await peakMemory(pid),
  }
}

export const registryFull: Benchmark = {
  name: 'registry-full',
  about: `our registry with ${manifests} manifests, each with a tag, in one repository, and ${manifests * blobsEach} blobs in its metadata (SQLite). Of rates, more is better`,
  quick: false,
  async run(bench: Bench) {
    const directory = await mkdtemp(join(bench.inside === undefined ? tmpdir() : peersDirectory, 'registry-full-'))
    try {
      const dataRoot = join(directory, 'data')
      const scriptPath = join(directory, 'any-tag.lua')
      await writeFile(scriptPath, script)
      const took = await timed(() => populateMetadata(dataRoot, { repository, manifests, signal: bench.signal }))
      bench.say(`the metadata was made in ${(took / 1000).toFixed(0)} s`)
      const port = await freePort()
      const start = { command: slipwayRegistry(port, dataRoot), log: join(directory, 'log'), port }
      return await interleave(
        bench,
        [{ name: 'slipway' }],
        async () => {
          await using server = await startServer(start)
          return await visit(server, scriptPath)
        },
        (metric) => units[metric] ?? 'ms',
      )
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  },
}
