import { readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo, Server } from 'node:net'
import { jsonLogger, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { closeServer, listen } from '@slipway/http'
import { unmount } from '@slipway/linux'
import { composeEngine } from './compose.ts'
import { hostWarnings } from './config/hosts.ts'
import { type EngineConfig, loadConfig } from './config/load.ts'
import { defaults, type Setting, settings } from './config/settings.ts'
import { notifyReady } from './system/notify-ready.ts'

export interface RunningEngine extends AsyncDisposable {
  /** Where it listens: `unix:///run/slipway/slipway.sock`. */
  readonly host: string
  /** Ends every container, with so many seconds of patience (default: its own), and takes bridge, rules and accepts away. */
  shutdown(options?: { readonly timeout?: number }): Promise<void>
  /** Resolves when a client has had it shut down: it is time to end. */
  readonly over: Promise<void>
}

const groupId = async (name: string | undefined): Promise<number> => {
  if (name === undefined) return 0
  if (/^\d+$/.test(name)) return Number(name)
  const line = (await readFile('/etc/group', 'utf8')).split('\n').find((text) => text.startsWith(`${name}:`))
  if (line === undefined) throw new SlipwayError('invalid', `group ${name} not found`)
  return Number(line.split(':')[2])
}

/** With the port that it got where 0 was asked for. */
const tcpName = (server: Server): string => {
  const { address, port, family } = server.address() as AddressInfo
  return `tcp://${family === 'IPv6' ? `[${address}]` : address}:${port}`
}

/** Starts the engine in this process. Disposing it leaves the containers, their ports and their rules as they are. */
export const startEngine = async (config: EngineConfig, logger: Logger): Promise<RunningEngine> => {
  await using undo = new AsyncDisposableStack()
  const gid = await groupId(config.group)
  const engine = undo.use(await composeEngine(config, logger))
  const reached: string[] = []
  for (const warning of hostWarnings(config.hosts)) logger.warn({}, warning)
  for (const where of config.hosts) {
    const server = engine.newServer(where.kind === 'tcp' ? where.tls : undefined)
    await listen(server, where.kind === 'unix' ? { ...where, gid } : where)
    reached.push(where.kind === 'unix' ? `unix://${where.path}` : tcpName(server))
    undo.defer(() => closeServer(server))
  }
  await writeFile(config.pidfile, `${process.pid}\n`)
  undo.defer(() => rm(config.pidfile, { force: true }))
  const parts = undo.move()
  const [host = ''] = reached
  logger.info({ host, hosts: reached, pid: process.pid }, 'engine ready')
  return {
    host,
    shutdown: async (options) => {
      await engine.shutdown.all(options)
    },
    over: engine.shutdown.asked,
    [Symbol.asyncDispose]: async () => {
      await parts.disposeAsync()
      // A container that goes on needs what is mounted below.
      if (engine.shutdown.isDone) unmount(config.execRoot, { lazy: true })
    },
  }
}

const fallbacks: Readonly<Record<string, string>> = {
  [settings.hosts.flag]: defaults.host,
  [settings.dataRoot.flag]: defaults.dataRoot,
  [settings.execRoot.flag]: defaults.execRoot,
  [settings.pidfile.flag]: 'engine.pid in the exec root',
  [settings.configFile.flag]: `${defaults.configFile}, if it is there`,
  [settings.bridge.flag]: defaults.bridge,
}

const helpText = (): string => {
  const lines = Object.values(settings).map((setting: Setting) => {
    const flag = `${setting.short ? `-${setting.short}, ` : '    '}--${setting.flag}${setting.kind === 'switch' ? '' : ' VALUE'}`
    const fallback = fallbacks[setting.flag]
    return `  ${flag.padEnd(36)}${setting.help}${fallback === undefined ? '' : ` (default ${fallback})`}`
  })
  return `Usage: slipway engine [OPTIONS]\n\nThe daemon that runs containers.\n\nOptions:\n${lines.join('\n')}\n`
}

/** What went wrong first, where taking back what had been done failed as well. */
const rootOf = (error: unknown): unknown => (error instanceof SuppressedError ? rootOf(error.suppressed) : error)

const stopSignal = (): Promise<string> =>
  new Promise((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve(name))
  })

/** `slipway engine`: runs until SIGTERM, SIGINT or `slipway system shutdown`. Resolves with the exit code. */
export const engineMain = async (argv: readonly string[]): Promise<number> => {
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(helpText())
    return 0
  }
  try {
    if (process.getuid?.() !== 0) throw new SlipwayError('forbidden', 'the engine needs root: start it with sudo')
    const config = await loadConfig(argv)
    const logger = jsonLogger((line) => process.stderr.write(line), config.debug ? 'debug' : 'info')
    await using engine = await startEngine(config, logger)
    // No thread can be started in a directory that is gone, and the one that we were called in may go.
    process.chdir('/')
    await notifyReady().catch((error: unknown) =>
      logger.warn({ error }, 'systemd could not be told that the engine is ready'),
    )
    const signal = await Promise.race([stopSignal(), engine.over])
    if (signal === undefined) logger.info({ host: engine.host }, 'shut down; no container goes on')
    else logger.info({ signal, host: engine.host }, 'stopping; containers go on')
  } catch (error) {
    process.stderr.write(`slipway engine: ${messageOf(rootOf(error))}\n`)
    return 1
  }
  return 0
}
