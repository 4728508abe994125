import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { type Candidate, files } from './kinds.ts'

const run = promisify(execFile)

/** `  -H, --host VALUE   where to listen`, or without a value. What it is for may stand on the next line. */
const flagLine = /^\s+(?:-\w, +)?(--[a-z][\w-]*)(?: ([A-Z][A-Z:]*))?(?:\s{2,}(.*))?$/
/** `  user add NAME   make an account`: words up to the first that stands for something. */
const commandLine = /^ {2}([a-z][a-z-]*(?: [a-z][a-z-]*)*)(?: .*?)?(?: {2,}(.*))?$/

interface HelpedFlag extends Candidate {
  readonly takesValue: boolean
}

const flagsIn = (help: string): readonly HelpedFlag[] =>
  help.split('\n').flatMap((line, at, all) => {
    const [, word, value, about = all[at + 1]?.trim() ?? ''] = flagLine.exec(line) ?? []
    return word === undefined ? [] : [{ word, about, takesValue: value !== undefined }]
  })

const commandsIn = (help: string): readonly { readonly words: readonly string[]; readonly about: string }[] => {
  const [, listed = ''] = help.split('\nCommands:\n')
  return listed.split('\n').flatMap((line) => {
    const [, words, about = ''] = commandLine.exec(line) ?? []
    return words === undefined ? [] : [{ words: words.split(' '), about }]
  })
}

/** What can follow `words` on a line of one of the programs, whose help is all that is known of it here. */
export const wordsOfProgram = (help: string, words: readonly string[]): readonly Candidate[] => {
  const last = words.at(-1) ?? ''
  const flags = flagsIn(help)
  if (last.startsWith('-')) return flags.map(({ word, about }) => ({ word, about }))
  if (flags.some(({ word, takesValue }) => takesValue && word === words.at(-2))) return [files]
  const before = words.slice(0, -1).filter((word) => !word.startsWith('-'))
  const found = new Map<string, Candidate>()
  for (const { words: known, about } of commandsIn(help)) {
    const word = known[before.length]
    if (word === undefined || !before.every((one, at) => one === known[at])) continue
    const isWhole = known.length === before.length + 1
    if (!found.has(word)) found.set(word, { word, about: isWhole ? about : '' })
  }
  return [...found.values()]
}

/** What a program says of itself. It is asked in a process of its own: the client doesn't know the daemons. */
export const helpOfProgram = async (name: string): Promise<string> => {
  const ask = async (one: string): Promise<string> =>
    (await run(process.execPath, [...process.execArgv, process.argv[1] ?? '', one, '--help'])).stdout
  // `up` takes all that the engine takes.
  return name === 'up' ? (await Promise.all([ask(name), ask('engine')])).join('\n') : ask(name)
}
