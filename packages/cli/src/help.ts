import type { AnyCommand } from './command.ts'
import type { Group, Load } from './commands/group.ts'
import { programs } from './commands/programs.ts'
import { commands, everydayCommands, groups } from './commands/table.ts'
import { flagUsages } from './flags/usage.ts'
import { globalFlags } from './global-flags.ts'

export const program = 'slipway'

const defaultWidth = 80

/** The name under which a command shows itself: the shortest, docker's habit. */
export const titleOf = ({ names }: AnyCommand, called: string): string =>
  `${program} ${names.includes(called) ? called : (names.at(-1) ?? called)}`

export const usageLine = (command: AnyCommand, called: string): string =>
  `Usage:  ${titleOf(command, called)} ${command.usage}`.trimEnd()

/** The page of `--help`. */
export const commandHelp = (command: AnyCommand, called: string, width = defaultWidth): string => {
  const { names, summary, details, flags } = command
  const aliases = names.length < 2 ? '' : `\nAliases:\n  ${names.map((name) => `${program} ${name}`).join(', ')}\n`
  const visible = Object.values(flags).some(({ hidden }) => !hidden)
  const options = visible ? `\nOptions:\n${flagUsages(flags, width)}` : ''
  return `${usageLine(command, called)}\n\n${summary}\n${details === undefined ? '' : `\n${details}\n`}${aliases}${options}`
}

/** docker's, which no name of its own exceeds. */
const narrowestColumn = 12

const rows = (entries: readonly (readonly [name: string, summary: string])[]): string => {
  const width = Math.max(narrowestColumn, ...entries.map(([name]) => name.length + 2))
  return entries.map(([name, summary]) => `  ${name.padEnd(width)}${summary}\n`).join('')
}

const summaries = async (table: Readonly<Record<string, Load>>): Promise<string> =>
  rows(
    await Promise.all(
      Object.entries(table).map(async ([name, load]) => [name, (await load()).command.summary] as const),
    ),
  )

const nounsBelow = (below: Group['groups']): string =>
  below === undefined
    ? ''
    : `Management Commands:\n${rows(Object.entries(below).map(([name, { summary }]) => [name, summary] as const))}\n`

export const groupHelp = async (name: string, { summary, commands: table, groups: below }: Group): Promise<string> =>
  `Usage:  ${program} ${name} COMMAND

${summary}

${nounsBelow(below)}Commands:
${await summaries(table)}
Run '${program} ${name} COMMAND --help' for more information on a command.
`

export const programHelp = async (width = defaultWidth): Promise<string> =>
  `Usage:  ${program} [OPTIONS] COMMAND

Build, ship and run containers

Common Commands:
${await summaries(everydayCommands)}
Programs:
${rows(Object.entries(programs))}
Management Commands:
${rows(Object.entries(groups).map(([name, { summary }]) => [name, summary] as const))}
Commands:
${await summaries(commands)}
Global Options:
${flagUsages(globalFlags, width)}
Run '${program} COMMAND --help' for more information on a command.
`
