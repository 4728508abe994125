// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ignoreMatcher, isIgnored, parseIgnoreFile, SlipwayError } from '@slipway/core'
import fc from 'fast-check'
import { readDockerfile } from '../build.ts'
import { checkDockerfile } from './check/check.ts'
import { expandWord, expandWords } from './expand.ts'

const numRuns = process.env['SLIPWAY_TEST_LONG'] === '1' ? 50_000 : 300

/** Text made of what means something to the code under test, so that it gets further than noise would. */
const textOf = (...pieces: readonly string[]) =>
  fc
    .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 4 })), { maxLength: 40 })
    .map((all) => all.join(''))

/** What comes from outside may be refused, but in words. */
const refusesInWords = (body: () => unknown): void => {
  try {
    body()
  } catch (error) {
    assert.ok(error instanceof SlipwayError, String(error))
  }
}

/** In milliseconds: one that tries every way takes longer than anyone waits, a slow machine doesn't take this long. */
const slowest = 20_000

const inTime = (body: () => void): void => {
  const started = performance.now()
  body()
  assert.ok(performance.now() - started < slowest)
}

test('no Dockerfile breaks the parser', () => {
  const words = [
    'FROM a\n',
    'RUN ',
    'COPY ',
    '--from=',
    'ENV ',
    '=',
    '\\\n',
    '<<EOF',
    '\nEOF\n',
    '["',
    '"]',
    '# escape=`\n',
    '"',
    "'",
    '$',
    'ONBUILD ',
    'HEALTHCHECK ',
    '\n',
    ' ',
    '\t',
    '--',
  ]
  fc.assert(
    fc.property(textOf(...words), (text) => inTime(() => refusesInWords(() => readDockerfile(text)))),
    { numRuns },
  )
})

test('no text breaks the expansion of variables', () => {
  const words = [
    '$',
    '{',
    '}',
    '$A',
    '${A',
    ':-',
    ':+',
    ':?',
    '#',
    '##',
    '%',
    '%%',
    '/',
    '//',
    '*',
    '?',
    '\\',
    '"',
    "'",
    '`',
    ' ',
  ]
  const variables = (name: string): string | undefined => (name === 'A' ? 'a/b.c*d' : undefined)
  fc.assert(
    fc.property(textOf(...words), (text) =>
      inTime(() => {
        refusesInWords(() => expandWord(text, variables))
        refusesInWords(() => expandWords(text, variables, { keepQuotes: true, keepEscapes: true, keepUnset: true }))
      }),
    ),
    { numRuns },
  )
})

test('no pattern breaks the ignore matcher', () => {
  const words = ['*', '**', '**/', '/', '?', '[', ']', '[a-z]', '[^', '\\', '!', '.', '..', 'a', 'b', '\n', '#', ' ']
  const path = fc.array(fc.constantFrom('a', 'b', 'ab', 'a.b', '.a', '*'), { minLength: 1, maxLength: 12 })
  fc.assert(
    fc.property(textOf(...words), path, (text, parts) =>
      inTime(() => refusesInWords(() => isIgnored(ignoreMatcher(parseIgnoreFile(text)), parts.join('/')))),
    ),
    { numRuns },
  )
})

test('long files are read in the time that their length takes', () => {
  const many = (line: string, count: number): string => `FROM a\n${line.repeat(count)}`
  const texts = [
    many('CMD x\n', 9_990),
    many('FROM a AS b\nCOPY --from=b x y\n', 4_990),
    many('ENV a=$b$b$b$b\n', 9_990),
    `${many('', 0)}ENV${' aaa=1'.repeat(10_000)}`,
    many('RUN <<a\n\na\n', 9_000),
    `FROM a AS b0\n${Array.from({ length: 4_900 }, (_, at) => `FROM b${at} AS b${at + 1}\n`).join('')}`,
    many('RUN x \\\n\n\n y\n', 9_000),
    many('# check=skip=a\nMAINTAINER x\n', 9_990),
  ]
  for (const text of texts) inTime(() => refusesInWords(() => void checkDockerfile(text)))
  assert.throws(() => checkDockerfile(many('CMD x\n', 10_000)), { message: 'a Dockerfile may have 10000 instructions' })
})
