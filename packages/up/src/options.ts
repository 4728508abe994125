import { invalid } from '@slipway/core'
import { isLoopback, parseAddress } from '@slipway/http'

export interface UpOptions {
  /** Where the registry listens. */
  readonly listen: { readonly host: string; readonly port: number }
  /** Where the engine's page is found; undefined: nowhere. */
  readonly dashboard: { readonly host: string; readonly port: number } | undefined
  /** Make the first voyage. */
  readonly voyage: boolean
  /** End when the voyage is over. */
  readonly once: boolean
  /** The rest of the command line: the engine's. */
  readonly engine: readonly string[]
}

export const upHelp = `Usage: slipway up [OPTIONS]

The engine and the registry, in the foreground. Ctrl-C stops both, and the containers.

Options:
  --listen HOST:PORT   where the registry listens (default 127.0.0.1:5000)
  --dashboard HOST:PORT
                       where the engine's web page is found, on loopback (default 127.0.0.1:5080); "none": nowhere
  --voyage             make the first voyage: bootstrap, build, push, pull and run, with real software
  --once               make the voyage, shut down and exit

How people sign in to the registry is set as for "slipway registry": in the environment, or in /etc/slipway/registry.json.
It takes all options of the engine as well ("slipway engine --help"). The registry's files are kept in the folder "registry" of
--data-root, and what both have to say in its file slipway.log.
`

/** Whoever opens the dashboard rules the machine, and it speaks plain HTTP. */
const parseLoopback = (text: string): { readonly host: string; readonly port: number } => {
  const address = parseAddress(text)
  if (isLoopback(address.host)) return address
  throw invalid(
    `the dashboard listens on loopback only, not on ${address.host}; "slipway dashboard" can, behind a proxy`,
  )
}

/** Takes our own options off the command line; all else is for the engine to read. Throws invalid. */
export const readOptions = (argv: readonly string[]): UpOptions => {
  const engine: string[] = []
  const own = { listen: '127.0.0.1:5000', dashboard: '127.0.0.1:5080', voyage: false, once: false }
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (word === '--voyage') own.voyage = true
    else if (word === '--once') own.once = true
    else if (word.startsWith('--listen=')) own.listen = word.slice('--listen='.length)
    else if (word === '--listen') own.listen = argv[++index] ?? ''
    else if (word.startsWith('--dashboard=')) own.dashboard = word.slice('--dashboard='.length)
    else if (word === '--dashboard') own.dashboard = argv[++index] ?? ''
    else engine.push(word)
  }
  return {
    listen: parseAddress(own.listen),
    dashboard: own.dashboard === 'none' ? undefined : parseLoopback(own.dashboard),
    voyage: own.voyage || own.once,
    once: own.once,
    engine,
  }
}
