import { parseListen } from '@slipway/registry'

export interface UpOptions {
  /** Where the registry listens. */
  readonly listen: { readonly host: string; readonly port: number }
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
  --voyage             make the first voyage: bootstrap, build, push, pull and run, with real software
  --once               make the voyage, shut down and exit

It takes all options of the engine as well ("slipway engine --help"). The registry's files are kept in the folder "registry" of
--data-root, and what both have to say in its file slipway.log.
`

/** Takes our own options off the command line; all else is for the engine to read. Throws invalid. */
export const readOptions = (argv: readonly string[]): UpOptions => {
  const engine: string[] = []
  const own = { listen: '127.0.0.1:5000', voyage: false, once: false }
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (word === '--voyage') own.voyage = true
    else if (word === '--once') own.once = true
    else if (word.startsWith('--listen=')) own.listen = word.slice('--listen='.length)
    else if (word === '--listen') own.listen = argv[++index] ?? ''
    else engine.push(word)
  }
  return { listen: parseListen(own.listen), voyage: own.voyage || own.once, once: own.once, engine }
}
