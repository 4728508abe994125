import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cpus, parseDuration, parseSize } from './quantity.ts'

test('parseSize() counts in 1024s', () => {
  const rows = {
    '0': 0,
    '512': 512,
    '1k': 1024,
    '1K': 1024,
    '1kb': 1024,
    '1KiB': 1024,
    '512m': 512 * 1024 ** 2,
    '1.5g': 1.5 * 1024 ** 3,
    '2 GB': 2 * 1024 ** 3,
    '5b': 5,
    '1t': 1024 ** 4,
  }
  for (const [text, bytes] of Object.entries(rows)) assert.equal(parseSize(text), bytes, text)
})

test('parseSize() refuses what is no size', () => {
  assert.throws(() => parseSize('1q'), { message: "invalid suffix: 'q'" })
  for (const text of ['', 'x', '-1', '1..5', 'm'])
    assert.throws(() => parseSize(text), { message: `invalid size: '${text}'` })
})

test("parseDuration() reads Go's durations as nanoseconds", () => {
  const rows = {
    '0': 0,
    '5s': 5e9,
    '1m30s': 90e9,
    '1.5h': 5400e9,
    '500ms': 5e8,
    '1us': 1e3,
    '1µs': 1e3,
    '-2s': -2e9,
    '.5s': 5e8,
  }
  for (const [text, nano] of Object.entries(rows)) assert.equal(parseDuration(text), nano, text)
  for (const text of ['', '5', 's', '1x', '1s2'])
    assert.throws(() => parseDuration(text), /time: invalid duration/, text)
})

test('cpus are billionths', () => {
  const flag = cpus('x')
  assert.equal(flag.read('1.5', undefined), 1_500_000_000)
  assert.equal(flag.read('0.000000001', undefined), 1)
  assert.throws(() => flag.read('0.0000000001', undefined), { message: 'value is too precise' })
  assert.throws(() => flag.read('x', undefined), /failed to parse x as a rational number/)
})
