/**
 * Builds the cases of test/build/cases and asks those of test/build/calls with real BuildKit, the one in the peers' dockerd, and
 * writes down what comes of each:
 * `node bench/peers/record-builds.ts`, perhaps with the names of some. The tests hold ours against it.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { askAll } from '../../test/build/calls/ask.ts'
import { callCases } from '../../test/build/calls/cases.ts'
import { buildCases } from '../../test/build/cases/build.ts'
import { cases } from '../../test/build/cases/index.ts'
import { dockerPlugins, dockerProgram, plainEnvironment } from '../../test/harness/place.ts'
import { openPeer, staticBusybox } from './open.ts'

const tests = join(import.meta.dirname, '../../test/build')
const target = join(tests, 'cases/recorded.json')

await using dockerd = await openPeer()
const directory = await mkdtemp(join(tmpdir(), 'slipway-record-'))
try {
  const home = join(directory, 'client')
  await mkdir(home)
  await writeFile(join(home, 'config.json'), JSON.stringify({ cliPluginsExtraDirs: [dockerPlugins] }))
  const host = `unix://${dockerd.socket}`
  const env = { ...plainEnvironment(), DOCKER_HOST: host, HOME: home, DOCKER_CONFIG: home }
  const names = process.argv.slice(2)
  const chosen = cases.filter(({ name }) => names.length === 0 || names.includes(name))
  const before = JSON.parse(await readFile(target, 'utf8').catch(() => '{}')) as Record<string, unknown>
  const asking = join(directory, 'calls')
  await mkdir(asking)
  const answers = await askAll(callCases, { program: dockerProgram, env, directory: asking })
  await writeFile(
    join(tests, 'calls/recorded.json'),
    `${JSON.stringify(Object.fromEntries([...answers].sort()), null, 1)}\n`,
  )
  const results = await buildCases(chosen, { program: dockerProgram, env, directory, busybox: staticBusybox() })
  const recorded = Object.fromEntries(cases.map(({ name }) => [name, results.get(name) ?? before[name]]))
  await writeFile(target, `${JSON.stringify(recorded, null, 1)}\n`)
  console.log(`${chosen.length} cases, by dockerd ${dockerd.version}`)
} finally {
  await rm(directory, { recursive: true, force: true })
}
