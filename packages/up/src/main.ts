import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { jsonLogger, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { type EngineConfig, loadConfig, startEngine } from '@slipway/engine'
import { startRegistry } from '@slipway/registry'
import { ensureAdmin } from './admin.ts'
import { readOptions, type UpOptions, upHelp } from './options.ts'
import { makeVoyage } from './voyage/voyage.ts'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

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
 * Names without a host mean the registry beside us: `push user/web` goes there, `pull` looks there first and on Docker Hub then. A
 * `registries` rule of the person's own configuration wins.
 */
const withOwnRegistry = (config: EngineConfig, address: string): EngineConfig => {
  if (config.registries.rules.length > 0) return config
  const rule = { prefix: 'docker.io', pull: [address, 'docker.io'], push: address, search: address }
  return { ...config, registries: { ...config.registries, rules: [rule] } }
}

/** SIGINT or SIGTERM; a second one ends the process at once. */
const askedToStop = (): AbortSignal => {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(130)
      stop.abort()
    })
  }
  return stop.signal
}

const until = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const run = async (options: UpOptions): Promise<void> => {
  const config = await loadConfig(options.engine)
  const { host, port } = options.listen
  const stop = askedToStop()
  await using log = await openLog(config)
  const dataRoot = join(config.dataRoot, 'registry')
  await using registry = await startRegistry({ listen: options.listen, dataRoot, logger: log.logger })
  const address = `${host}:${registry.port || port}`
  const password = await ensureAdmin(dataRoot)
  await using engine = await startEngine(withOwnRegistry(config, address), log.logger)

  print(`Engine    ${engine.host}`)
  print(`Registry  http://${address}`)
  if (password !== undefined) print(`Account   admin, password ${password} (shown only now)`)
  print(`Log       ${log.path}`)
  try {
    if (options.voyage) {
      await makeVoyage({
        host: engine.host,
        registry: address,
        dataRoot: config.dataRoot,
        password,
        signal: stop,
        print,
      })
    }
    if (!options.once) {
      print(`\nReady. In another terminal:  export DOCKER_HOST=${engine.host}  and use docker, or use bin/slipway.`)
      print('Ctrl-C stops engine, registry and containers.')
      await until(stop)
    }
  } finally {
    print('\nStopping…')
    await engine.shutdown()
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
