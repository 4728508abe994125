import { dirname } from 'node:path'
import type { AnyCommand, Session } from '../command.ts'
import type { Group } from '../commands/group.ts'
import { programs } from '../commands/programs.ts'
import { commands, everydayCommands, groups } from '../commands/table.ts'
import { listContexts } from '../config/contexts.ts'
import { implicitContext } from '../config/current-context.ts'
import { findCommand } from '../find-command.ts'
import type { Flag, Flags } from '../flags/flag.ts'
import { globalFlags } from '../global-flags.ts'
import { printLine } from '../terminal/console.ts'
import { type Candidate, candidatesOf, flagValues, operandKinds, type Sources } from './kinds.ts'
import { helpOfProgram, wordsOfProgram } from './program-words.ts'

const flagNamed = (flags: Flags, word: string): readonly [string, Flag<unknown>] | undefined =>
  Object.entries(flags).find(([name, { short, aliases }]) =>
    word.startsWith('--')
      ? name === word.slice(2) || aliases.includes(word.slice(2))
      : short !== '' && word.endsWith(short) && /^-[a-zA-Z]+$/.test(word),
  )

interface Place {
  /** Operands before the word that is completed. */
  readonly operands: readonly string[]
  /** The flag whose value that word is. */
  readonly flag?: string
}

/** Reads the finished words as `parseFlags` would, without complaint: the line isn't finished. */
const placeOf = (flags: Flags, words: readonly string[], interspersed = true): Place => {
  const operands: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    const isFlag = word.startsWith('-') && word !== '-' && (interspersed || operands.length === 0)
    if (!isFlag) operands.push(word)
    else if (!word.includes('=')) {
      const found = flagNamed(flags, word)
      if (found === undefined || found[1].isSwitch) continue
      if (at === words.length - 1) return { operands, flag: found[0] }
      at += 1
    }
  }
  return { operands }
}

const flagCandidates = (flags: Flags): readonly Candidate[] =>
  Object.entries(flags)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { help }]) => ({ word: `--${name}`, about: help.split('\n')[0] ?? '' }))

const valuesOf = async (flag: string, from: Sources): Promise<readonly Candidate[]> => {
  const values = flagValues[flag]
  if (values === undefined) return []
  return typeof values === 'string' ? await candidatesOf[values](from) : values.map((word) => ({ word, about: '' }))
}

const inCommand = async (
  { names, flags, interspersed }: AnyCommand,
  words: readonly string[],
  from: Sources,
): Promise<readonly Candidate[]> => {
  const last = words.at(-1) ?? ''
  const before = words.slice(0, -1)
  const { operands, flag } = placeOf(flags, before, interspersed)
  if (flag !== undefined) return await valuesOf(flag, from)
  const [name = '', ...value] = last.split('=')
  if (last.startsWith('--') && value.length > 0) {
    return (await valuesOf(name.slice(2), from)).map(({ word, about }) => ({ word: `${name}=${word}`, about }))
  }
  if (last.startsWith('-') && (interspersed !== false || operands.length === 0)) return flagCandidates(flags)
  const kinds = operandKinds[names[0] ?? ''] ?? []
  const kind = kinds[operands.length] ?? kinds.at(-1)
  return kind === undefined ? [] : await candidatesOf[kind](from)
}

const summaries = async (table: typeof commands): Promise<readonly Candidate[]> =>
  await Promise.all(
    Object.entries(table).map(async ([word, load]) => ({ word, about: (await load()).command.summary })),
  )

const nouns = (table: Readonly<Record<string, Group>>): readonly Candidate[] =>
  Object.entries(table).map(([word, { summary }]) => ({ word, about: summary }))

/** The group that all of the words lead to; undefined where they lead further, or nowhere. */
const groupAt = (words: readonly string[]): Group | undefined => {
  let table: Readonly<Record<string, Group>> = groups
  let group: Group | undefined
  for (const word of words) {
    group = Object.hasOwn(table, word) ? table[word] : undefined
    table = group?.groups ?? {}
  }
  return group
}

const topWords = async (): Promise<readonly Candidate[]> => [
  ...(await summaries(everydayCommands)),
  ...nouns(groups),
  ...(await summaries(commands)),
  ...Object.entries(programs).map(([word, about]) => ({ word, about })),
]

const candidatesFor = async (words: readonly string[], from: Sources): Promise<readonly Candidate[]> => {
  const last = words.at(-1) ?? ''
  const { operands: given, flag } = placeOf(globalFlags, words.slice(0, -1), false)
  const asksHelp = given[0] === 'help'
  const operands = asksHelp ? given.slice(1) : given
  if (flag !== undefined) return await valuesOf(flag, from)
  const [first] = operands
  if (first === undefined) return last.startsWith('-') ? flagCandidates(globalFlags) : await topWords()
  if (Object.hasOwn(programs, first) && !asksHelp) {
    return wordsOfProgram(await from.help(first), words.slice(words.indexOf(first) + 1))
  }
  const group = groupAt(operands)
  if (group !== undefined) return [...nouns(group.groups ?? {}), ...(await summaries(group.commands))]
  const found = await findCommand([...operands, last])
  return found.kind === 'command' && !asksHelp ? await inCommand(found.command, found.rest, from) : []
}

/** What the last of `words` (which may be empty) can become. */
export const complete = async (words: readonly string[], from: Sources): Promise<readonly Candidate[]> => {
  const last = words.at(-1) ?? ''
  return (await candidatesFor(words, from)).filter(({ word }) => word.startsWith(last) || word === ':files')
}

/** What the scripts ask. A tab must never print an error: there is nothing to complete then. */
export const printCompletions = async (words: readonly string[], session: Session): Promise<number> => {
  const { console, client: engine, config } = session
  const hub = async () => (await import('../hub/connect.ts')).openHub(session, undefined)
  const contexts = async () => {
    const { path } = await config()
    const { env, global: flags } = session
    return [implicitContext({ flags, env }), ...(await listContexts(dirname(path)))]
  }
  const records = async () => {
    const [{ withBuildKit }, { readRecords, nameOf }] = await Promise.all([
      import('../build/ask.ts'),
      import('../build/records.ts'),
    ])
    const found = await withBuildKit(session, readRecords)
    return found.map((record) => ({ ref: record.ref, name: nameOf(record) }))
  }
  const candidates = await complete(words, { engine, hub, contexts, records, help: helpOfProgram }).catch(() => [])
  for (const { word, about } of candidates) printLine(console, about === '' ? word : `${word}\t${about}`)
  return 0
}
