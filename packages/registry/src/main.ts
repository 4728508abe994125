import { invalid, jsonLogger, type Logger, messageOf, SlipwayError } from '@slipway/core'
import { readPassword } from './accounts/read-password.ts'
import { administer, findVerb, needsPassword, verbs } from './administer.ts'
import { startRegistry } from './compose.ts'
import { type CommandLine, defaultConfigFile, type RegistryConfig, readCommandLine } from './config.ts'
import { openRegistryDatabase, openStorage } from './places.ts'
import { settings } from './settings.ts'

const print = (line: string): void => void process.stdout.write(`${line}\n`)

/** Two columns; a few long words don't make the first one wide. */
const columns = (rows: readonly (readonly [string, string])[]): readonly string[] => {
  const width = Math.min(44, Math.max(...rows.map(([word]) => word.length)))
  return rows.map(([word, about]) => `  ${word.padEnd(width)}  ${about}`)
}

const help = (): string => {
  const flags = Object.entries(settings).map(([name, { type, about, environment, fallback }]): [string, string] => [
    `--${name}${type === 'boolean' ? '' : ' VALUE'}`,
    `${about} (${environment}${fallback === '' || fallback === false ? '' : `; default ${fallback}`})`,
  ])
  const file = `JSON with the same names (default ${defaultConfigFile}, if it is there)`
  return [
    'Usage: slipway registry [OPTIONS] [COMMAND]',
    '',
    'Without a command, runs the registry until it is told to stop.',
    '',
    'Options:',
    ...columns([...flags, ['--config-file VALUE', file]]),
    '',
    'Commands:',
    ...columns(verbs.map(({ words, arguments: args, about }) => [`${words.join(' ')} ${args}`.trim(), about])),
  ].join('\n')
}

/** SIGTERM or SIGINT, from now on. After the first, a second ends the process at once. */
const nextSignal = (): Promise<string> =>
  new Promise((resolve) => {
    const signals = ['SIGTERM', 'SIGINT'] as const
    const heard = (signal: NodeJS.Signals): void => {
      for (const one of signals) process.off(one, heard)
      resolve(signal)
    }
    for (const one of signals) process.on(one, heard)
  })

const loggerOf = ({ debug }: Pick<RegistryConfig, 'debug'>): Logger =>
  jsonLogger((line) => process.stderr.write(line), debug ? 'debug' : 'info')

const run = async ({ dataRoot, debug, ...config }: RegistryConfig): Promise<void> => {
  const logger = loggerOf({ debug })
  const asked = nextSignal()
  const registry = await startRegistry({ ...config, dataRoot, logger })
  logger.info({ address: registry.address, dataRoot, pid: process.pid }, 'registry is listening')
  logger.info({ signal: await asked }, 'registry is stopping')
  await registry.close()
}

const runVerb = async ({ config, words, passwordStdin, check, audit }: CommandLine): Promise<void> => {
  const { verb } = findVerb(words)
  if (needsPassword(verb) && !passwordStdin) {
    throw invalid('the password is read from standard input: add --password-stdin')
  }
  await using database = await openRegistryDatabase(config)
  await using storage = await openStorage(config)
  await administer(words, {
    database,
    storage,
    retention: config.retention,
    logger: loggerOf(config),
    check,
    audit,
    print,
    readPassword: () => readPassword(process.stdin),
  })
}

/** `slipway registry …`. Returns the exit code: 0, 1 when it failed, 2 when it was asked wrongly. */
export const registryMain = async (argv: readonly string[]): Promise<number> => {
  try {
    const line = await readCommandLine(argv)
    if (line.help) print(help())
    else if (line.words.length > 0) await runVerb(line)
    else await run(line.config)
    return 0
  } catch (error) {
    process.stderr.write(`slipway registry: ${messageOf(error)}\n`)
    return error instanceof SlipwayError && error.code === 'invalid' ? 2 : 1
  }
}
