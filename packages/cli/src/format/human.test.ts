import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binarySize, ellipsis, humanDuration, humanSize, shortId } from './human.ts'

test("humanSize() rounds as docker's units do", () => {
  const rows: readonly (readonly [bytes: number, four: string, three: string])[] = [
    [0, '0B', '0B'],
    [999, '999B', '999B'],
    [1000, '1kB', '1kB'],
    [1024, '1.024kB', '1.02kB'],
    [4096, '4.096kB', '4.1kB'],
    [999_999, '1000kB', '1e+03kB'],
    [1_234_567, '1.235MB', '1.23MB'],
    [187_654_321, '187.7MB', '188MB'],
    [7_800_000, '7.8MB', '7.8MB'],
    [1e12, '1TB', '1TB'],
  ]
  for (const [bytes, four, three] of rows) assert.deepEqual([humanSize(bytes), humanSize(bytes, 3)], [four, three])
  assert.equal(binarySize(1536 * 1024), '1.5MiB')
})

test('humanDuration() says it as docker says it', () => {
  const second = 1000
  const hour = 3600 * second
  const rows: readonly (readonly [milliseconds: number, text: string])[] = [
    [0, 'Less than a second'],
    [999, 'Less than a second'],
    [1 * second, '1 second'],
    [59 * second, '59 seconds'],
    [60 * second, 'About a minute'],
    [119 * second, 'About a minute'],
    [120 * second, '2 minutes'],
    [59.9 * 60 * second, '59 minutes'],
    [hour, 'About an hour'],
    [1.4 * hour, 'About an hour'],
    [1.5 * hour, '2 hours'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [13 * 24 * hour, '13 days'],
    [14 * 24 * hour, '2 weeks'],
    [59 * 24 * hour, '8 weeks'],
    [60 * 24 * hour, '2 months'],
    [729 * 24 * hour, '24 months'],
    [730 * 24 * hour, '2 years'],
  ]
  for (const [milliseconds, text] of rows) assert.equal(humanDuration(milliseconds), text)
})

test('ellipsis() counts characters, and shortId() drops the algorithm', () => {
  assert.equal(ellipsis('𝄞𝄞𝄞𝄞', 3), '𝄞𝄞…')
  assert.equal(ellipsis('abc', 3), 'abc')
  assert.equal(shortId(`sha256:${'a'.repeat(64)}`), 'aaaaaaaaaaaa')
  assert.equal(shortId('<missing>'), '<missing>')
})
