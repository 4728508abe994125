import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonLogger, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { startDashboard } from '@slipway/dashboard'
import { type EngineConfig, loadConfig, type RunningEngine, startEngine } from '@slipway/engine'
import { readSignInSettings, startRegistry } from '@slipway/registry'
import { ensureAdmin, makeVisitor } from './accounts.ts'
import { readOptions, type UpOptions, upHelp } from './options.ts'
import { aborted, stopSignal } from './stop-signal.ts'
import { type Display, duration, stepDisplay } from './voyage/display.ts'
import { makeVoyage } from './voyage/voyage.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** Seconds that containers get to end: a person waits in front of a terminal. */
const patience = 3

/** What the daemons have to say goes to a file: the terminal is for the person. */
const openLog = async (config: EngineConfig): Promise<{ path: string; logger: Logger } & AsyncDisposable> => {
  await mkdir(config.dataRoot, { recursive: true, mode: 0o711 })
  const path = join(config.dataRoot, 'slipway.log')
  const file = createWriteStream(path, { flags: 'a', mode: 0o640 })
  return {
    path,
    logger: jsonLogger((line) => void file.write(line), config.debug ? 'debug' : 'info'),
    [Symbol.asyncDispose]: () => new Promise((resolve) => file.end(() => resolve())),
  }
}

/**
 * Names without a host mean the registry beside us: `push user/web` goes there, `pull` looks there first and on Docker Hub then.
 * A `registries` rule of the person's own configuration wins.
 */
const withOwnRegistry = (config: EngineConfig, address: string): EngineConfig => {
  if (config.registries.rules.length > 0) return config
  const rule = { prefix: 'docker.io', pull: [address, 'docker.io'], push: address, search: address }
  return { ...config, registries: { ...config.registries, rules: [rule] } }
}

const terminalDisplay = (): Display =>
  stepDisplay({
    write: (text) => void process.stdout.write(text),
    columns: () => (process.stdout.isTTY ? process.stdout.columns || 80 : undefined),
  })

/** A password can't be looked up later: it is told once, at the latest when we end. */
const tellOnce = (password: string | undefined): (() => void) => {
  let untold = password
  return () => {
    if (untold !== undefined)
      print(`  account    admin, password ${untold}: for one sign-in at the registry, to choose your own`)
    untold = undefined
  }
}

interface Surroundings {
  readonly stop: AbortSignal
  readonly tellAccount: () => void
}

const serve = async (options: UpOptions, config: EngineConfig, { stop, tellAccount }: Surroundings): Promise<void> => {
  await using log = await openLog(config)
  const dataRoot = join(config.dataRoot, 'registry')
  await using registry = await startRegistry({
    listen: options.listen,
    dataRoot,
    logger: log.logger,
    signIn: await readSignInSettings(),
    // Who names another address than the loopback's knows the network it is in.
    allowPlainHttp: true,
  })
  await using engine = await startEngine(withOwnRegistry(config, registry.address), log.logger)
  await using dashboard =
    options.dashboard &&
    (await startDashboard({
      listen: options.dashboard,
      engine: engine.host,
      keyFile: join(config.dataRoot, 'dashboard', 'key'),
      logger: log.logger,
    }))
  print(`Engine and registry are up after ${duration(performance.now())}.`)
  try {
    const page = options.voyage ? await voyage(engine, registry.address, dataRoot, stop) : undefined
    if (page !== undefined) {
      print('\nThe voyage is made: a Dockerfile became an image, went to a registry, came back, and serves that page.')
    }
    if (options.once) return
    print('\nSlipway is up.')
    print(`  engine     ${engine.host}`)
    print(`  registry   http://${registry.address}`)
    if (dashboard !== undefined) print(`  dashboard  ${dashboard.link}`)
    tellAccount()
    if (page !== undefined) print(`  web page   ${page} (of the container voyage-web)`)
    print(`  log        ${log.path}`)
    print(`\nFor the docker CLI:  export DOCKER_HOST=${engine.host}`)
    print('Without it:          bin/slipway ps')
    print('\nCtrl-C stops engine, registry and containers.')
    await Promise.race([aborted(stop), engine.over])
  } catch (error) {
    if (!stop.aborted) throw new SlipwayError('internal', `${messageOf(error)}\nThe engine's log: ${log.path}`)
  } finally {
    print('\nStopping engine, registry and containers.')
    await engine.shutdown({ timeout: patience })
  }
}

const voyage = async (
  engine: RunningEngine,
  registry: string,
  dataRoot: string,
  signal: AbortSignal,
): Promise<string> => {
  await using visitor = await makeVisitor(dataRoot)
  return await makeVoyage({ host: engine.host, registry, visitor, display: terminalDisplay(), signal })
}

const run = async (options: UpOptions): Promise<void> => {
  const stop = stopSignal()
  // A terminal that was closed takes no more words: that must not end us before the containers are stopped.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  const config = await loadConfig(options.engine)
  const password = await ensureAdmin(join(config.dataRoot, 'registry'))
  const tellAccount = tellOnce(password)
  try {
    await serve(options, config, { stop, tellAccount })
  } finally {
    tellAccount()
  }
}

/** `slipway up`. Resolves with the exit code. */
export const upMain = async (argv: readonly string[]): Promise<number> => {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(upHelp)
    return 0
  }
  try {
    if (process.getuid?.() !== 0) throw new SlipwayError('forbidden', 'this needs root: start it with sudo')
    await run(readOptions(argv))
    return 0
  } catch (error) {
    process.stderr.write(`slipway up: ${messageOf(error)}\n`)
    return 1
  }
}
