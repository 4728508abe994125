import type { AnyCommand } from './command.ts'
import type { Group, Load } from './commands/group.ts'
import { commands, everydayCommands, groups } from './commands/table.ts'

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

/** `called`: the words that have led to the group. */
const inGroup = async (group: Group, called: string, [word, ...rest]: readonly string[]): Promise<Found> => {
  if (word === undefined || word.startsWith('-')) {
    return { kind: 'group', name: called, group, asked: word === '--help' || word === '-h' }
  }
  const below = own(group.groups ?? {}, word)
  if (below !== undefined) return await inGroup(below, `${called} ${word}`, rest)
  const load = own(group.commands, own(group.aliases, word) ?? word)
  if (load === undefined) return { kind: 'unknown', called: `${called} ${word}`, group: called }
  return await loaded(load, `${called} ${word}`, rest)
}

/** Loads the one module that is needed. */
export const findCommand = async (words: readonly string[]): Promise<Found> => {
  const [first, ...rest] = words
  if (first === undefined) return { kind: 'nothing' }
  const single = own(everydayCommands, first) ?? own(commands, first)
  if (single !== undefined) return await loaded(single, first, rest)
  const group = own(groups, first)
  return group === undefined ? { kind: 'unknown', called: first } : await inGroup(group, first, rest)
}
