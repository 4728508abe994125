import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from './options.ts'

test('readOptions() takes its own words and leaves the others to the engine', () => {
  assert.deepEqual(readOptions(['--bridge', 'b0', '--listen', '127.0.0.1:5001', '--debug', '--once']), {
    listen: { host: '127.0.0.1', port: 5001 },
    voyage: true,
    once: true,
    engine: ['--bridge', 'b0', '--debug'],
  })
})

test('readOptions() listens on port 5000 of the loopback without being asked', () => {
  assert.deepEqual(readOptions([]), {
    listen: { host: '127.0.0.1', port: 5000 },
    voyage: false,
    once: false,
    engine: [],
  })
})

test('readOptions() refuses an address that is none', () => {
  for (const text of ['5000', 'host', 'host:99999', 'host:', '']) {
    assert.throws(() => readOptions([`--listen=${text}`]), { code: 'invalid' })
  }
})
