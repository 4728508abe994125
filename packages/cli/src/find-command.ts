import type { AnyCommand } from './command.ts'
import { commands, everydayCommands, type Group, groups, type Load } from './commands/table.ts'

/** What the first words of a command line lead to. */
export type Found =
  | {
      readonly kind: 'command'
      readonly command: AnyCommand
      readonly called: string
      readonly rest: readonly string[]
    }
  | { readonly kind: 'group'; readonly name: string; readonly group: Group; readonly asked: boolean }
  | { readonly kind: 'unknown'; readonly called: string; readonly group?: string }
  | { readonly kind: 'nothing' }

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined

const loaded = async (load: Load, called: string, rest: readonly string[]): Promise<Found> => ({
  kind: 'command',
  command: (await load()).command,
  called,
  rest,
})

/** Loads the one module that is needed. */
export const findCommand = async (words: readonly string[]): Promise<Found> => {
  const [first, second, ...rest] = words
  if (first === undefined) return { kind: 'nothing' }
  const single = own(everydayCommands, first) ?? own(commands, first)
  if (single !== undefined) return await loaded(single, first, words.slice(1))
  const group = own(groups, first)
  if (group === undefined) return { kind: 'unknown', called: first }
  if (second === undefined || second.startsWith('-'))
    return { kind: 'group', name: first, group, asked: second === '--help' || second === '-h' }
  const load = own(group.commands, own(group.aliases, second) ?? second)
  if (load === undefined) return { kind: 'unknown', called: `${first} ${second}`, group: first }
  return await loaded(load, `${first} ${second}`, rest)
}
