import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LineReader, LogPlace, readFrames } from './log-lines.ts'

const frame = (stream: number, text: string): Uint8Array => {
  const bytes = new TextEncoder().encode(text)
  const header = new Uint8Array(8)
  header[0] = stream
  new DataView(header.buffer).setUint32(4, bytes.length)
  return new Uint8Array([...header, ...bytes])
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length)
}

const time = '2026-01-01T00:00:00.123456789Z'

test('lines come out whole, however the frames were cut', async () => {
  const bytes = new Uint8Array([
    ...frame(1, `${time} one é\n${time} t`),
    ...frame(2, `${time} bad\r\n`),
    ...frame(1, 'wo\n'),
  ])
  for (const length of [1, 3, 7, 1000]) {
    const reader = new LineReader()
    const lines = []
    for await (const part of readFrames(inPieces(bytes, length))) lines.push(...reader.read(part))
    assert.deepEqual(lines, [
      { number: 0, stream: 'stdout', time, text: 'one é' },
      { number: 1, stream: 'stderr', time, text: 'bad' },
      { number: 2, stream: 'stdout', time, text: 'two' },
    ])
  }
})

test('a line without end is cut before it fills the memory', () => {
  const reader = new LineReader()
  const lines = reader.read({ stream: 'stdout', bytes: new TextEncoder().encode('x'.repeat(40_000)) })
  assert.deepEqual(
    lines.map(({ text }) => text.length),
    [16_384, 16_384],
  )
})

test('read again from where it broke off, a log has no line twice and none less, also of several with one time', () => {
  const log = [
    ['1', 'a'],
    ['2', 'b'],
    ['2', 'b'],
    ['2', 'c'],
    ['3', 'd'],
  ].map(([time = '', text = ''], number) => ({ number, stream: 'stdout' as const, time, text }))
  for (let first = 0; first <= log.length; first += 1) {
    for (let second = first; second <= log.length; second += 1) {
      const place = new LogPlace()
      const shown: string[] = []
      for (const end of [first, second, log.length]) {
        const since = place.resume() ?? ''
        for (const line of log.slice(0, end)) if (line.time >= since && place.isNew(line)) shown.push(line.text)
      }
      assert.equal(shown.join(''), 'abbcd', `broken off after ${first} and ${second}`)
    }
  }
})
