import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchmarks } from './benchmarks/index.ts'
import type { EngineName } from './engines/engine.ts'
import { type Engines, openEngines } from './engines/open.ts'
import { holdBenchLock } from './lock.ts'
import { cpuUse, describeMachine, quietUse } from './machine.ts'
import type { Bench, Benchmark } from './measure.ts'
import { hasPeers, peersDirectory, setUpPeers } from './peers/root.ts'
import { type Conditions, formatSection, formatTable, replaceSection } from './report.ts'

const results = join(import.meta.dirname, 'RESULTS.md')
const lock = join(import.meta.dirname, '../.slipway/bench.lock')

const usage = `Usage: npm run bench -- [OPTIONS] [NAMES…]

Measures slipway beside dockerd, podman and docker-registry, when those are set up, and keeps the table bench/RESULTS.md.

  --list             the benchmarks there are
  --all              all of them, not only the quick ones
  --rounds N         samples of each figure (9)
  --engine NAME      only this engine: slipway, dockerd or podman (may be given again); nothing is written
  --dry              write nothing
  --setup-peers      make the peers' root, and end
  --peers            which engines there are, with their versions
`

const say = (text: string): void => {
  process.stderr.write(`  ${text}\n`)
}

const options = {
  list: { type: 'boolean' },
  all: { type: 'boolean' },
  rounds: { type: 'string' },
  engine: { type: 'string', multiple: true },
  dry: { type: 'boolean' },
  'setup-peers': { type: 'boolean' },
  peers: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const engineNames: readonly string[] = ['slipway', 'dockerd', 'podman'] satisfies EngineName[]

const readArguments = () => {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const rounds = Number(values.rounds ?? 9)
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number expected`)
  const only = values.engine ?? []
  for (const name of only) if (!engineNames.includes(name)) throw new Error(`no engine is called ${name}`)
  for (const name of positionals) {
    if (!benchmarks.some((one) => one.name === name)) throw new Error(`no benchmark is called ${name}; see --list`)
  }
  const chosen = benchmarks.filter(({ name, quick }) =>
    positionals.length > 0 ? positionals.includes(name) : quick || values.all === true,
  )
  return { ...values, rounds, only: only as readonly EngineName[], chosen }
}

const versionsOf = ({ subjects }: Engines): readonly string[] =>
  subjects.map(({ name, version }) => `${name} ${version}`)

const conditionsOf = (engines: Engines, rounds: number, before: number): Conditions => ({
  date: new Date().toISOString().slice(0, 10),
  rounds,
  use: before,
  busy: before > quietUse,
  machine: describeMachine(),
  versions: versionsOf(engines),
})

/** Whole or not at all: the table is kept for years. */
const writeResults = async (section: string): Promise<void> => {
  const text = replaceSection(await readFile(results, 'utf8'), section)
  await writeFile(`${results}.new`, text)
  await rename(`${results}.new`, results)
}

interface MeasureOptions {
  readonly rounds: number
  readonly write: boolean
  readonly signal: AbortSignal
}

const measure = async (benchmark: Benchmark, engines: Engines, options: MeasureOptions): Promise<void> => {
  const { rounds, write, signal } = options
  const before = await cpuUse()
  process.stderr.write(`\n${benchmark.name}: ${benchmark.about}\n`)
  if (before > quietUse) say('warning: the machine is busy; only large differences mean something')
  const { subjects, inside } = engines
  const bench: Bench = { subjects, rounds, inside, say, signal }
  const measurements = await benchmark.run(bench)
  process.stdout.write(`\n${benchmark.name}\n\n${formatTable(measurements)}\n`)
  if (write) await writeResults(formatSection(benchmark, conditionsOf(engines, rounds, before), measurements))
}

const main = async (signal: AbortSignal): Promise<void> => {
  const { rounds, only, chosen, list, peers, dry, help, 'setup-peers': setup } = readArguments()
  if (help) process.stdout.write(usage)
  else if (list) for (const { name, about } of benchmarks) process.stdout.write(`${name.padEnd(14)} ${about}\n`)
  else if (setup) await setUpPeers(say)
  else {
    using _ = holdBenchLock(lock)
    if (!(await hasPeers())) say(`no peers in ${peersDirectory}: only slipway is measured (--setup-peers makes them)`)
    await using engines = await openEngines(only)
    process.stdout.write(`${describeMachine()}\n${versionsOf(engines).join('\n')}\n`)
    const write = dry !== true && only.length === 0
    if (!peers) for (const benchmark of chosen) await measure(benchmark, engines, { rounds, write, signal })
  }
}

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopping.abort(new Error(`ended by ${signal}`)))
}

try {
  await main(stopping.signal)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
