import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChunkRange, parseRange } from './range.ts'

test('parseRange() reads the forms of RFC 9110', () => {
  const cases: readonly [string, ReturnType<typeof parseRange>][] = [
    ['bytes=0-4', [{ start: 0, end: 4 }]],
    ['bytes=5-', [{ start: 5, end: 9 }]],
    ['bytes=-3', [{ start: 7, end: 9 }]],
    ['bytes=-30', [{ start: 0, end: 9 }]],
    ['bytes=2-99', [{ start: 2, end: 9 }]],
    [
      'bytes=0-0, 9-9',
      [
        { start: 0, end: 0 },
        { start: 9, end: 9 },
      ],
    ],
    ['bytes=0-0,20-30', [{ start: 0, end: 0 }]],
  ]
  for (const [header, expected] of cases) assert.deepEqual(parseRange(header, 10), expected, header)
})

test('parseRange() sends everything for what it cannot read', () => {
  for (const header of [undefined, '', 'lines=1-2', 'bytes=4-2', 'bytes=a-b', 'bytes=-', 'bytes=1-2,x']) {
    assert.equal(parseRange(header, 10), undefined, String(header))
  }
})

test('parseRange() finds nothing beyond the end, or in nothing', () => {
  assert.deepEqual(parseRange('bytes=10-', 10), [])
  assert.deepEqual(parseRange('bytes=-0', 10), [])
  assert.deepEqual(parseRange('bytes=0-', 0), [])
})

test('parseRange() refuses to send the same bytes over and over', () => {
  assert.equal(parseRange(`bytes=${Array(100).fill('0-9').join(',')}`, 10), undefined)
  assert.equal(parseRange(`bytes=${Array(2000).fill('0-0').join(',')}`, 10_000), undefined)
})

test('parseChunkRange() reads what clients send for a chunk, with and without a unit', () => {
  assert.deepEqual(parseChunkRange('0-1023'), { start: 0, end: 1023 })
  assert.deepEqual(parseChunkRange('bytes 5-9/10'), { start: 5, end: 9 })
  assert.deepEqual(parseChunkRange('bytes=5-9/*'), { start: 5, end: 9 })
  for (const bad of ['', '5', '9-5', '-5', '5-', 'a-b', '1-2,3-4']) assert.equal(parseChunkRange(bad), undefined, bad)
})
