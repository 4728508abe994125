import { parseArgs } from 'node:util'
import { jsonLogger, messageOf, SlipwayError } from '@slipway/core'
import { isLoopback, parseAddress } from '@slipway/http'
import { type DashboardOptions, startDashboard } from './compose.ts'

const defaultSocket = 'unix:///run/slipway/slipway.sock'

const options = {
  listen: { type: 'string', default: '127.0.0.1:5080' },
  engine: { type: 'string', short: 'H' },
  'key-file': { type: 'string', default: '/var/lib/slipway/dashboard/key' },
  name: { type: 'string', multiple: true },
  'behind-proxy': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const

const dashboardHelp = `Usage: slipway dashboard [OPTIONS]

The engine's web page, for any engine that speaks Docker's API. Prints the link that opens it, and serves until it is told to stop.

Options:
      --listen HOST:PORT   where it listens (default 127.0.0.1:5080)
  -H, --engine HOST        the engine (default: SLIPWAY_HOST, DOCKER_HOST, or ${defaultSocket})
      --key-file FILE      the key that opens it; made if it isn't there (default /var/lib/slipway/dashboard/key)
      --name NAME          a further name that it answers to
      --behind-proxy       allow another address than loopback: a proxy with TLS stands in front of it
`

const readOptions = (argv: readonly string[]): DashboardOptions | 'help' => {
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help) return 'help'
  const listen = parseAddress(values.listen)
  if (!isLoopback(listen.host) && !values['behind-proxy']) {
    throw new SlipwayError(
      'invalid',
      `whoever opens the dashboard rules this machine, and it speaks plain HTTP: it listens on loopback only, not on ${listen.host}. ` +
        'With a proxy that speaks TLS in front of it, add --behind-proxy and --name NAME',
    )
  }
  const engine = values.engine ?? process.env['SLIPWAY_HOST'] ?? process.env['DOCKER_HOST'] ?? defaultSocket
  return { listen, engine, keyFile: values['key-file'], names: (values.name ?? []).map((name) => name.toLowerCase()) }
}

const stopSignal = (): Promise<unknown> =>
  Promise.race(['SIGINT', 'SIGTERM'].map((name) => new Promise((resolve) => process.once(name, resolve))))

/** `slipway dashboard`: serves until SIGTERM or SIGINT. Resolves with the exit code. */
export const dashboardMain = async (argv: readonly string[]): Promise<number> => {
  try {
    const read = readOptions(argv)
    if (read === 'help') {
      process.stdout.write(dashboardHelp)
      return 0
    }
    const asked = stopSignal()
    const logger = jsonLogger((line) => process.stderr.write(line))
    await using dashboard = await startDashboard({ ...read, logger })
    logger.info({ address: dashboard.address, pid: process.pid }, 'dashboard is listening')
    process.stdout.write(`Open ${dashboard.link}\n`)
    await asked
    return 0
  } catch (error) {
    process.stderr.write(`slipway dashboard: ${messageOf(error)}\n`)
    return 1
  }
}
