import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDockerfile, readDockerfile } from '@slipway/build'
import { SlipwayError } from '@slipway/core'
import fc from 'fast-check'
import { cases } from './cases/index.ts'

const numRuns = process.env['SLIPWAY_TEST_LONG'] === '1' ? 50_000 : 300

const pieces = [
  '\\\n',
  '\n',
  '"',
  "'",
  '$',
  '${',
  '}',
  '<<E',
  '<<-',
  '[',
  ']',
  '--from=',
  '=',
  '#',
  '`',
  '\t',
  '\uFEFF',
  '\0',
]

/** What can happen to a text: a part of it goes, comes twice, or gives way to something that means something. */
const change = fc.record({
  at: fc.nat(10_000),
  length: fc.nat(12),
  piece: fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 3 })),
  kind: fc.constantFrom('cut', 'twice', 'insert', 'replace'),
})

type Change = typeof change extends fc.Arbitrary<infer Value> ? Value : never

const changed = (text: string, { at: place, length, piece, kind }: Change): string => {
  const at = place % (text.length + 1)
  const [before, part, after] = [text.slice(0, at), text.slice(at, at + length), text.slice(at + length)]
  if (kind === 'cut') return before + after
  if (kind === 'twice') return before + part + part + after
  return kind === 'insert' ? before + piece + part + after : before + piece + after
}

test('no Dockerfile that is almost one of the recorded breaks anything', () => {
  const texts = cases.map(({ lines }) => lines.join('\n'))
  const almost = fc
    .tuple(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 4 }))
    .map(([text, changes]) => changes.reduce(changed, text))
  fc.assert(
    fc.property(almost, (text) => {
      const started = process.cpuUsage()
      for (const read of [readDockerfile, checkDockerfile]) {
        try {
          read(text)
        } catch (error) {
          assert.ok(error instanceof SlipwayError, String(error))
        }
      }
      assert.ok(process.cpuUsage(started).user < 20e6)
    }),
    { numRuns },
  )
})
