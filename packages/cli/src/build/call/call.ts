import { Exit } from '../../exit.ts'
import { splitFields, splitPair } from '../fields.ts'
import { showCheck } from './check.ts'
import { showDescribed } from './describe.ts'
import { showOutline } from './outline.ts'
import { showTargets } from './targets.ts'

/** What `--call` asks of a Dockerfile instead of building it. */
export interface Call {
  /** As the frontend knows it: `lint`, `outline`, … */
  readonly name: string
  readonly isJson: boolean
  readonly ignoresStatus: boolean
}

const formats: readonly string[] = ['', 'json', 'text']

/** Reads `check`, `outline,format=json`; undefined: build. Throws Exit. */
export const readCall = (text: string): Call | undefined => {
  let name = ''
  let format = ''
  let ignoresStatus = false
  for (const field of splitFields(text)) {
    const pair = splitPair(field)
    if (pair === undefined) name = field
    else if (pair[0] === 'format') format = pair[1]
    else if (pair[0] === 'ignorestatus') ignoresStatus = pair[1] === 'true'
    else throw new Exit(1, `ERROR: invalid option ${pair[0]} in --call`)
  }
  if (!formats.includes(format)) throw new Exit(1, `ERROR: invalid format ${format} in --call`)
  if (name === '' || name === 'build') return undefined
  return { name: name === 'check' ? 'lint' : name, isJson: format === 'json', ignoresStatus }
}

/** What is printed of an answer, and the exit code. */
export interface Shown {
  readonly stdout: string
  readonly stderr?: string
}

const shows: Readonly<Record<string, (answer: unknown, path: string) => Shown>> = {
  lint: showCheck,
  outline: showOutline,
  targets: showTargets,
  'subrequests.describe': showDescribed,
}

const textOf = (answer: ReadonlyMap<string, Uint8Array>, name: string): string =>
  Buffer.from(answer.get(name) ?? []).toString()

/** `path`: the Dockerfile as its user would name it. */
export const showAnswer = (
  { name, isJson, ignoresStatus }: Call,
  answer: ReadonlyMap<string, Uint8Array>,
  path: string,
): Shown & { readonly exitCode: number } => {
  const json = textOf(answer, 'result.json')
  const status = Number(textOf(answer, 'result.statuscode') || 0)
  const exitCode = ignoresStatus ? 0 : status
  const show = Object.hasOwn(shows, name) ? shows[name] : undefined
  if (show === undefined) return { stdout: `${json}\n`, exitCode }
  const shown = show(JSON.parse(json), path)
  // What keeps a file from being built is told to people, too.
  return { ...shown, ...(isJson ? { stdout: `${json}\n` } : {}), exitCode }
}
