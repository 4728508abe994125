/**
 * `npm test`: everything, in the order in which it fails fastest. `npm run test:unit` runs what needs no root, `npm run check`
 * only the checks, `npm run test:long` everything with the full counts of the soak and kill tests.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
const bin = join(root, 'node_modules/.bin')

interface Stage {
  readonly name: string
  readonly command: readonly string[]
}

const [which = 'all'] = process.argv.slice(2)
const isLong = which === 'long'

/** `concurrency`: test files at once, each a process of its own. */
const nodeTest = (pattern: string, concurrency: number): readonly string[] => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  '--test',
  `--test-concurrency=${concurrency}`,
  `--test-reporter=${isLong ? './tools/test/progress-reporter.ts' : 'dot'}`,
  '--test-reporter-destination=stdout',
  '--test-reporter=./tools/test/summary-reporter.ts',
  '--test-reporter-destination=stdout',
  pattern,
]

const checks: readonly Stage[] = [
  { name: 'lint and format', command: [join(bin, 'biome'), 'check', '--error-on-warnings'] },
  { name: 'types', command: [join(bin, 'tsc')] },
  { name: 'types of the pages', command: [join(bin, 'tsc'), '--project', 'packages/web'] },
  { name: 'layers', command: [process.execPath, 'tools/check-layers.ts'] },
  { name: 'documentation', command: [process.execPath, 'tools/check-docs.ts'] },
]
const processors = availableParallelism()
const unit: Stage = {
  name: 'unit',
  command: nodeTest('{packages,tools,bench}/**/!(*.root).test.{ts,js}', processors),
}
const integration: Stage = { name: 'integration', command: nodeTest('packages/**/*.root.test.ts', processors) }
/** One at a time: each starts engines, and clients that wait for them. */
const endToEnd: Stage = { name: 'end to end', command: nodeTest('test/**/*.test.ts', 1) }

const plans: Readonly<Record<string, readonly Stage[]>> = {
  all: [...checks, unit, integration, endToEnd],
  long: [...checks, unit, integration, endToEnd],
  unit: [unit],
  checks,
}

const environment = { ...process.env, ...(isLong ? { SLIPWAY_TEST_LONG: '1' } : {}) }

const run = ({ command: [program = '', ...args] }: Stage): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: environment })
    child.on('error', reject)
    child.on('exit', (code) => resolve(code ?? 1))
  })

const plan = plans[which]
if (plan === undefined) {
  process.stderr.write(`unknown tests: ${which} (${Object.keys(plans).join(', ')})\n`)
  process.exit(2)
}
const outcomes: string[] = []
for (const stage of plan) {
  const begun = Date.now()
  process.stdout.write(`\n== ${stage.name}\n`)
  const code = await run(stage)
  const took = `${((Date.now() - begun) / 1000).toFixed(1)} s`
  const outcome = `${stage.name}: ${code === 0 ? 'passed' : 'FAILED'} (${took})`
  process.stdout.write(`== ${outcome}\n`)
  outcomes.push(outcome)
  if (code !== 0) process.exitCode = code
  // Who waits for hours wants to know of everything; who waits for minutes, of the first thing to mend.
  if (code !== 0 && which === 'all') break
}
if (isLong) process.stdout.write(`\n${outcomes.join('\n')}\n`)
