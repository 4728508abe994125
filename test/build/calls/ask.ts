import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../../harness/run.ts'
import type { CallCase } from './cases.ts'

/** The answer without the Dockerfile itself, or what was said instead of one. */
export type CallAnswer = Readonly<Record<string, unknown>> | { readonly error: string }

export interface Asking {
  /** The docker CLI, and what it needs to find its engine and buildx. */
  readonly program: string
  readonly env: NodeJS.ProcessEnv
  /** An empty directory. */
  readonly directory: string
}

const argumentsOf = ({ call, args = {}, target }: CallCase): readonly string[] => [
  `--call=${call},format=json`,
  ...Object.entries(args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
  ...(target === undefined ? [] : ['--target', target]),
]

const errorIn = (text: string): string =>
  (text.split('\n').findLast((line) => line.startsWith('ERROR: ')) ?? text).replace(
    /^ERROR: (?:failed to build: )?(?:failed to solve: )?/,
    '',
  )

const ask = async (one: CallCase, root: string, { program, env }: Asking): Promise<CallAnswer> => {
  await mkdir(root)
  for (const name of ['a', 'b', 'c']) await writeFile(join(root, name), '')
  await writeFile(join(root, 'Dockerfile'), `${one.lines.join('\n')}\n`)
  if (one.ignore !== undefined) await writeFile(join(root, '.dockerignore'), one.ignore)
  const { stdout, stderr } = await run(program, ['build', '--progress=plain', ...argumentsOf(one), root], { env })
  if (stdout.trim() === '') return { error: errorIn(stderr) }
  const { sources: _, ...answer } = JSON.parse(stdout) as Readonly<Record<string, unknown>>
  return answer
}

/** Asks the stock client every question; the answers by the names of the cases. */
export const askAll = async (cases: readonly CallCase[], asking: Asking): Promise<ReadonlyMap<string, CallAnswer>> => {
  const answers = new Map<string, CallAnswer>()
  const pending = [...cases.entries()]
  const work = async (): Promise<void> => {
    for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
      const [number, one] = next
      answers.set(one.name, await ask(one, join(asking.directory, `call-${number}`), asking))
    }
  }
  await Promise.all([work(), work(), work(), work()])
  return answers
}
