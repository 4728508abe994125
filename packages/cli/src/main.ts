import type { EngineClient } from '@slipway/client'
import type { AnyCommand, Operands, Session } from './command.ts'
import { configDirectory, type DockerConfig, readDockerConfig } from './config/docker-config.ts'
import { connect } from './connect.ts'
import { Exit, engineFailed, errorText } from './exit.ts'
import { findCommand } from './find-command.ts'
import type { Values } from './flags/flag.ts'
import { FlagError, parseFlags } from './flags/parse.ts'
import { globalFlags, isLogLevel } from './global-flags.ts'
import { commandHelp, groupHelp, program, programHelp, titleOf, usageLine } from './help.ts'
import type { Console } from './terminal/console.ts'
import { clientVersion } from './version.ts'

export interface CliSurroundings {
  readonly console?: Console
  readonly env?: Readonly<Record<string, string | undefined>>
}

const wrongCommandLine = 1
/** What a shell's completion script asks with; no person types it. */
const completionWord = '__complete'

const lazily = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

const openSession = (
  flags: Values<typeof globalFlags>,
  { console, env }: Required<CliSurroundings>,
): Session & AsyncDisposable => {
  const config = lazily<DockerConfig>(() => readDockerConfig(configDirectory(env, flags.config)))
  let connected: EngineClient | undefined
  const client = lazily(async () => {
    connected = await connect(flags, env, (await config()).file)
    return connected
  })
  return {
    console,
    env,
    global: flags,
    config,
    client,
    [Symbol.asyncDispose]: async () => await connected?.[Symbol.asyncDispose](),
  }
}

const many = (count: number): string => `${count} argument${count === 1 ? '' : 's'}`

/** docker says "See" to who gave too few and "Run" to who gave too many. */
const operandsProblem = (
  { least, most }: Operands,
  count: number,
): readonly [problem: string, advice: string] | undefined => {
  if (count >= least && count <= most) return undefined
  if (most === 0) return ['accepts no arguments', 'Run']
  if (most === least) return [`requires ${many(least)}`, 'Run']
  if (most === Number.POSITIVE_INFINITY) return [`requires at least ${many(least)}`, 'See']
  if (least === 0) return [`requires at most ${many(most)}`, 'See']
  return [`requires at least ${least} and at most ${many(most)}`, 'Run']
}

const checkOperands = (command: AnyCommand, called: string, count: number): void => {
  const problem = operandsProblem(command.operands, count)
  if (problem === undefined) return
  const title = titleOf(command, called)
  const [what, advice] = problem
  throw new Exit(
    wrongCommandLine,
    `${program}: '${title}' ${what}\n\n${usageLine(command, called)}\n\n${advice} '${title} --help' for more information`,
  )
}

/** Only these two say whose error it is, and where help is: docker's way since 1.10. */
const explainsItself = (command: AnyCommand): boolean =>
  command.names.some((name) => name === 'run' || name === 'create')

const explain = (error: unknown, command: AnyCommand, called: string): unknown => {
  if (!explainsItself(command) || !(error instanceof Exit) || error.exitCode < engineFailed) return error
  const message = `${program}: ${error.message}\n\nRun '${titleOf(command, called)} --help' for more information`
  return new Exit(error.exitCode, message, { cause: error })
}

const runCommand = async (
  command: AnyCommand,
  called: string,
  words: readonly string[],
  session: Session,
): Promise<number> => {
  const parsed = (() => {
    try {
      return parseFlags(command.flags, words, { interspersed: command.interspersed ?? true })
    } catch (error) {
      if (!(error instanceof FlagError)) throw error
      const title = titleOf(command, called)
      throw new Exit(
        engineFailed,
        `${error.message}\n\n${usageLine(command, called)}\n\nRun '${title} --help' for more information`,
      )
    }
  })()
  if (parsed.help) {
    session.console.stdout.write(commandHelp(command, called, session.console.stdout.columns))
    return 0
  }
  const { values: flags, operands, given } = parsed
  checkOperands(command, called, operands.length)
  try {
    return await command.run({ flags, operands, given, session })
  } catch (error) {
    throw explain(error, command, called)
  }
}

/** Nouns have no flags of their own but `--help`. */
const checkGroupFlag = (name: string, word = ''): void => {
  if (!word.startsWith('-') || word === '--help' || word === '-h') return
  const scope = `${program} ${name}`
  const what = word.startsWith('--')
    ? `unknown flag: ${word.split('=')[0]}`
    : `unknown shorthand flag: '${word[1] ?? ''}' in ${word}`
  throw new Exit(engineFailed, `${what}\n\nUsage:  ${scope}\n\nRun '${scope} --help' for more information`)
}

const dispatch = async (argv: readonly string[], surroundings: Required<CliSurroundings>): Promise<number> => {
  const { stdout } = surroundings.console
  const { values: flags, operands, help } = parseGlobal(argv)
  const { 'log-level': level } = flags
  if (level && !isLogLevel(level)) throw new Exit(1, `Unable to parse logging level: ${level}`)
  if (flags.version) {
    stdout.write(`Slipway version ${clientVersion}\n`)
    return 0
  }
  const words = operands[0] === 'help' ? [...operands.slice(1), '--help'] : operands
  if (words[0] === completionWord) {
    const { printCompletions } = await import('./completion/complete.ts')
    await using session = openSession(flags, surroundings)
    return await printCompletions(words.slice(words[1] === '--' ? 2 : 1), session)
  }
  const found = await findCommand(help || words[0] === '--help' ? [] : words)
  if (found.kind === 'nothing') {
    stdout.write(await programHelp(stdout.columns))
    return 0
  }
  if (found.kind === 'group') {
    checkGroupFlag(found.name, words[found.name.split(' ').length])
    const to = found.asked ? stdout : surroundings.console.stderr
    to.write(await groupHelp(found.name, found.group))
    return 0
  }
  if (found.kind === 'unknown') {
    const scope = found.group === undefined ? program : `${program} ${found.group}`
    const usage = found.group === undefined ? '' : `Usage:  ${scope}\n\n`
    throw new Exit(
      wrongCommandLine,
      `${program}: unknown command: ${program} ${found.called}\n\n${usage}Run '${scope} --help' for more information`,
    )
  }
  await using session = openSession(flags, surroundings)
  return await runCommand(found.command, found.called, found.rest, session)
}

const parseGlobal = (argv: readonly string[]): ReturnType<typeof parseFlags<typeof globalFlags>> => {
  try {
    return parseFlags(globalFlags, argv, { interspersed: false })
  } catch (error) {
    if (!(error instanceof FlagError)) throw error
    throw new Exit(
      engineFailed,
      `${error.message}\n\nUsage:  ${program} [OPTIONS] COMMAND [ARG...]\n\nRun '${program} --help' for more information`,
    )
  }
}

/** Runs one command line (without the program's name) and gives its exit code. Never throws. */
export const cliMain = async (
  argv: readonly string[],
  { console = process, env = process.env }: CliSurroundings = {},
): Promise<number> => {
  try {
    return await dispatch(argv, { console, env })
  } catch (error) {
    const exitCode = error instanceof Exit ? error.exitCode : 1
    const message = errorText(error)
    if (message !== '') console.stderr.write(`${message}\n`)
    return exitCode
  }
}
