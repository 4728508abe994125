/**
 * What is said after the dots: each failure with its place and its reason, the last that files with failures said on standard
 * error (there the harness tells what daemons logged and pages showed), then the counts, the slowest tests, and the figures that
 * tests give with `t.diagnostic()`. Meant for `node --test --test-reporter`.
 */
import { relative, resolve } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

type Failure = Extract<TestEvent, { type: 'test:fail' }>['data']
type Pass = Extract<TestEvent, { type: 'test:pass' }>['data']
type Said = Extract<TestEvent, { type: 'test:stderr' }>['data']
type Diagnostic = Extract<TestEvent, { type: 'test:diagnostic' }>['data']

const shownSlowest = 3
/** In milliseconds: faster ones aren't worth a line. */
const slow = 2000

/** Of a file's standard error: characters that are kept, and lines that are shown. */
const mostSaid = 50_000
const shownLines = 150

const placeOf = ({ file, line }: Failure): string =>
  file === undefined ? '' : ` (${relative(process.cwd(), file)}:${line ?? 0})`

/** The error itself, below the one that the test runner puts around it. */
const reasonOf = ({ details: { error } }: Failure): string => {
  const cause: unknown = error.cause ?? error
  if (!(cause instanceof Error)) return String(cause)
  return inspect(cause, { depth: 3, colors: false })
}

/** A test that failed only because one in it did. */
const isConsequence = ({ details: { error } }: Failure): boolean =>
  'failureType' in error && error.failureType === 'subtestsFailed'

const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, '    ')

const slowest = (passed: readonly Pass[]): readonly string[] =>
  passed
    .filter(({ details }) => details.type !== 'suite' && details.duration_ms >= slow)
    .toSorted((one, other) => other.details.duration_ms - one.details.duration_ms)
    .slice(0, shownSlowest)
    .map(({ name, details }) => `  ${(details.duration_ms / 1000).toFixed(1)} s  ${name}\n`)

/** What failing files said, each once. */
const lastWords = (failures: readonly Failure[], said: ReadonlyMap<string, string>): readonly string[] =>
  [...new Set(failures.map(({ file = '' }) => resolve(file)))].flatMap((file) => {
    const lines = said.get(file)?.trimEnd().split('\n').slice(-shownLines)
    return lines === undefined ? [] : [`\n${relative(process.cwd(), file)} said:\n${indent(lines.join('\n'))}\n`]
  })

const figureOf = ({ file = '', message }: Diagnostic): string => `  ${relative(process.cwd(), file)}: ${message}\n`

export default async function* summary(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const failures: Failure[] = []
  const leaves: Pass[] = []
  const figures: string[] = []
  const said = new Map<string, string>()
  const hear = ({ file = '', message }: Said): void => {
    const path = resolve(file)
    said.set(path, `${said.get(path) ?? ''}${message}`.slice(-mostSaid))
  }
  let skipped = 0
  for await (const event of source) {
    if (event.type === 'test:fail' && !isConsequence(event.data)) failures.push(event.data)
    else if (event.type === 'test:pass' && event.data.skip !== undefined && event.data.skip !== false) skipped++
    else if (event.type === 'test:pass') leaves.push(event.data)
    else if (event.type === 'test:stderr') hear(event.data)
    else if (event.type === 'test:diagnostic' && event.data.file !== undefined) figures.push(figureOf(event.data))
  }
  yield '\n'
  for (const failure of failures) yield `\n✖ ${failure.name}${placeOf(failure)}\n${indent(reasonOf(failure))}\n`
  yield* lastWords(failures, said)
  const counts = [
    `${leaves.length} passed`,
    `${failures.length} failed`,
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ]
  yield `\n${counts.join(', ')}\n`
  const lines = slowest(leaves)
  if (lines.length > 0) yield `slowest:\n${lines.join('')}`
  if (figures.length > 0) yield `figures:\n${figures.join('')}`
}
