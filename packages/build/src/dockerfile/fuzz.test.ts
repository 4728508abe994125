// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is about such text
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ignoreMatcher, isIgnored, parseIgnoreFile, SlipwayError } from '@slipway/core'
import fc from 'fast-check'
import { readDockerfile } from '../build.ts'
import { checkDockerfile } from './check/check.ts'
import { expandWord, expandWords } from './expand.ts'
import { reachableStages, refuseCircles } from './reach.ts'
import type { StageText } from './stages.ts'
import { applyCommands } from './testing/apply.ts'

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

/**
 * In microseconds of a processor: one that tries every way takes longer than anyone waits, a slow machine doesn't take this long.
 */
const slowest = 20e6

const inTime = (body: () => void): void => {
  const started = process.cpuUsage()
  body()
  assert.ok(process.cpuUsage(started).user < slowest)
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

const applyText = (text: string) => () =>
  inTime(() => applyCommands(readDockerfile(text).stages.flatMap(({ commands }) => commands)))

test('a megabyte of one thing is expanded, or refused, in the time that its length takes', () => {
  const pieces = ['${', '${A:-', '${A#', '${A/a/', '$A', '"${', '${A:+', '${B:-}', '\\', "'", '${A#*']
  for (const piece of pieces) {
    const opened = piece.repeat(1_000_000 / piece.length)
    for (const text of [opened, opened + '}'.repeat(1_000_000 / piece.length)]) {
      inTime(() => refusesInWords(() => expandWord(text, () => 'a/b.c*d')))
    }
  }
  for (const pattern of ['*'.repeat(1_000_000), '*a'.repeat(10_000), `${'?'.repeat(9_000)}*`]) {
    for (const modifier of ['#', '##', '%', '%%', '/', '//']) {
      inTime(() => refusesInWords(() => expandWord(`\${A${modifier}${pattern}}`, () => 'a'.repeat(20_000))))
    }
  }
})

test('long patterns are matched, or refused, in the time that their length takes', () => {
  const path = `${'a/'.repeat(40)}${'b'.repeat(200)}`
  for (const piece of ['**/', '*', '**', '?', '../', '**/*a', '*a*b', '[^a]', '[', '\\']) {
    for (const length of [65_000, 1_000_000]) {
      const text = piece.repeat(length / piece.length)
      inTime(() => refusesInWords(() => isIgnored(ignoreMatcher(parseIgnoreFile(text)), path)))
    }
  }
  for (const line of ['a\n!a\n', '!**/a\n', '**/*a*\n']) {
    inTime(() => isIgnored(ignoreMatcher(parseIgnoreFile(line.repeat(20_000))), path))
  }
})

test('thousands of stages in a row are no more than one', () => {
  const row = (line: (at: number) => string, count: number) =>
    readDockerfile(`FROM a AS b0\n${Array.from({ length: count }, (_, at) => line(at)).join('')}`).stages
  const reached = (stages: readonly StageText[]) =>
    reachableStages(stages, stages.at(-1) ?? assert.fail(), new Map()).length
  const bases = row((at) => `FROM b${at} AS b${at + 1}\n`, 9_000)
  const sources = row((at) => `FROM a AS b${at + 1}\nCOPY --from=b${at} x y\n`, 4_000)
  refuseCircles(sources)
  assert.deepEqual([reached(bases), reached(sources)], [9_001, 4_001])
  const circle = row((at) => `FROM a AS b${at + 1}\nCOPY --from=b${((at + 1) % 4_000) + 1} x y\n`, 4_000)
  assert.throws(() => refuseCircles(circle), { message: /^circular dependency detected on stage: b\d+$/ })
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
    `FROM a\nCOPY ${'--exclude=x \\\n'.repeat(80_000)}a b`,
    `FROM a\nRUN ${'--mount=target=/x \\\n'.repeat(50_000)}x`,
    `FROM a\nCOPY ${Array.from({ length: 8_000 }, (_, at) => `<<a${at}`).join(' ')} /\n${Array.from({ length: 8_000 }, (_, at) => `a${at}\n`).join('')}`,
    `FROM a\n${'ONBUILD \\\n'.repeat(100_000)}x`,
    `FROM a\nCMD ${'[\\\n'.repeat(300_000)}`,
    `${'# x\n'.repeat(250_000)}${'ARG a\n'.repeat(9_000)}FROM a`,
    `FROM a\nRUN x ${'\\\n'.repeat(500_000)}`,
  ]
  for (const text of texts) inTime(() => refusesInWords(() => void checkDockerfile(text)))
  const ports = applyText(`FROM a\nEXPOSE ${'1-65535 '.repeat(2_000)}`)
  assert.throws(ports, { message: 'EXPOSE of more than 1000000 ports' })
  assert.throws(() => checkDockerfile(many('CMD x\n', 10_000)), { message: 'a Dockerfile may have 10000 instructions' })
})
