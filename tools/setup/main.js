/**
 * What `npm start`, `npm test` and `npm run bench` run. Plain JavaScript for Node 20: it sets up what is missing on this machine
 * and hands over to the product, which is TypeScript for Node 24.
 *
 *   node tools/setup/main.js start [--once] | test [unit | long | checks] | bench [NAMES…] | conformance URL
 */
import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkAddress } from './address.js'
import { alone } from './alone.js'
import { installBenchPrograms } from './bench-programs.js'
import { checkMachine, checkRoot } from './machine.js'
import { nodeRuntime } from './node-runtime.js'
import { installNpmPackages } from './npm-packages.js'
import { SetupError } from './run.js'
import { enginePrograms, installSystemPackages } from './system-packages.js'
import { installTestPrograms } from './test-programs.js'
import { buildPages } from './web-pages.js'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const own = join(root, '.slipway/bin')

const [command = 'start', ...args] = process.argv.slice(2)
const asksHelp = args.includes('--help') || args.includes('-h')
const withoutRoot =
  asksHelp || command === 'conformance' || (command === 'test' && (args[0] === 'unit' || args[0] === 'checks'))

/** What runs in the end, for each command: the product as everybody starts it, a file of ours by Node. */
const programs = {
  start: ['bin/slipway', 'up', '--voyage'],
  test: ['tools/test/main.ts'],
  bench: ['bench/main.ts'],
  conformance: ['test/conformance/main.ts'],
}

const prepare = async () => {
  await checkMachine()
  if (!withoutRoot) checkRoot()
  if (command === 'start' && !asksHelp) await checkAddress(args)
  await alone(root, async () => {
    await installNpmPackages(root)
    if (withoutRoot) return
    if (command !== 'bench') await buildPages(root, await nodeRuntime(root))
    await installSystemPackages(enginePrograms, own)
    if (command === 'test') await installTestPrograms(own)
    if (command === 'bench') await installBenchPrograms(own)
  })
}

const lookMs = 1000

/** npm passes SIGINT and SIGTERM on; when it is killed or hung up, nothing tells us but our parent's number.
 * @param {() => void} act
 */
const whenParentEnds = (act) => {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    act()
  }, lookMs)
  timer.unref()
}

/** Runs the product in our place: its signals, its terminal, its exit code.
 * @param {readonly string[]} program
 */
const handOver = async (program) => {
  const node = await nodeRuntime(root)
  const path = [dirname(node), process.env['PATH'], '/usr/local/sbin:/usr/sbin:/sbin', own].join(':')
  const [file, ...words] = program[0].endsWith('.ts')
    ? [node, '--disable-warning=ExperimentalWarning', ...program]
    : program.with(0, join(root, program[0]))
  const child = spawn(file, [...words, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path, NODE_COMPILE_CACHE: join(root, '.slipway/cache') },
  })
  // It decides when to end. A terminal sends Ctrl-C to both of us, npm or kill(1) to one: the child takes two at once for one.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.removeAllListeners(signal)
    process.on(signal, () => child.kill(signal))
  }
  if (process.env['npm_lifecycle_event'] !== undefined) whenParentEnds(() => child.kill('SIGTERM'))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)))
}

/** What is half done is done again by the next start. */
const stopHere = () => {
  process.stderr.write('\nslipway: stopped before everything was set up: the next start goes on with it.\n')
  process.exit(130)
}

try {
  const program = programs[/** @type {keyof typeof programs} */ (command)]
  if (program === undefined) throw new SetupError(`unknown command ${command}: start, test, bench or conformance`)
  process.once('SIGINT', stopHere)
  await prepare()
  await handOver(program)
} catch (error) {
  const known = error instanceof SetupError
  const details = known && error.details ? `\n${error.details.replace(/^/gm, '    ')}` : ''
  const text = known ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`slipway: ${text}${details}\n`)
  process.exitCode = 1
}
