import assert from 'node:assert/strict'
import { test } from 'node:test'
import { interleave, summarize } from './measure.ts'

test('summarize() gives the middle of what was measured, whatever its order', () => {
  assert.deepEqual(summarize([9, 1, 5]), { median: 5, minimum: 1, maximum: 9 })
  assert.deepEqual(summarize([4, 1, 2, 100]), { median: 3, minimum: 1, maximum: 100 })
})

test('interleave() goes round, and leaves the warm-up out', async () => {
  const turns: string[] = []
  const who = [{ name: 'a' }, { name: 'b' }]
  const [measured] = await interleave(
    { rounds: 2, say: () => undefined, signal: new AbortController().signal },
    who,
    async ({ name }) => {
      turns.push(name)
      return { count: turns.length }
    },
  )
  assert.deepEqual(turns, ['a', 'b', 'a', 'b', 'a', 'b'])
  assert.deepEqual(
    measured?.samples,
    new Map([
      ['a', [3, 5]],
      ['b', [4, 6]],
    ]),
  )
})

test('interleave() asks for the unit of each metric', async () => {
  const measured = await interleave(
    { rounds: 1, say: () => undefined, signal: new AbortController().signal },
    [{ name: 'a' }],
    async () => ({ pushes: 3, memory: 50 }),
    (metric) => (metric === 'memory' ? 'MiB' : 'blobs/s'),
  )
  assert.deepEqual(
    measured.map(({ unit }) => unit),
    ['blobs/s', 'MiB'],
  )
})
