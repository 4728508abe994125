/**
 * What a long run tells while it goes on: each file as it begins, each test that took a second as it ends, and what a test says
 * of itself (`… 37 of 200 lives` on its standard error). Meant for `node --test --test-reporter`, before `summary-reporter.ts`.
 */
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'

/** In milliseconds: faster ones aren't worth a line. */
const slow = 1000

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`.padStart(9)

/** The runner calls a file a test as well; tests in it know the file they were found in. */
const isFile = (data: object): boolean => !('entryFile' in data)

const lineOf = (event: TestEvent): string | undefined => {
  if (event.type === 'test:dequeue' && isFile(event.data)) return relative(process.cwd(), event.data.name)
  if (event.type === 'test:stderr' && event.data.message.startsWith('…'))
    return `           ${event.data.message.trimEnd()}`
  if (event.type !== 'test:complete' || isFile(event.data)) return undefined
  const { name, details, nesting } = event.data
  if (details.passed && details.duration_ms < slow) return undefined
  return `${seconds(details.duration_ms)}  ${'  '.repeat(nesting)}${details.passed ? '' : 'FAILED: '}${name}`
}

export default async function* progress(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    const line = lineOf(event)
    if (line !== undefined) yield `${line}\n`
  }
}
