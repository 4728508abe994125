import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from './options.ts'

test('readOptions() takes its own words and leaves the others to the engine', () => {
  assert.deepEqual(readOptions(['--bridge', 'b0', '--listen', '127.0.0.1:5001', '--debug', '--once']), {
    listen: { host: '127.0.0.1', port: 5001 },
    dashboard: { host: '127.0.0.1', port: 5080 },
    voyage: true,
    once: true,
    engine: ['--bridge', 'b0', '--debug'],
  })
})

test('readOptions() listens on port 5000 of the loopback without being asked', () => {
  assert.deepEqual(readOptions([]), {
    listen: { host: '127.0.0.1', port: 5000 },
    dashboard: { host: '127.0.0.1', port: 5080 },
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

test('readOptions() puts the dashboard on loopback or nowhere', () => {
  assert.equal(readOptions(['--dashboard', 'none']).dashboard, undefined)
  assert.deepEqual(readOptions(['--dashboard=[::1]:8080']).dashboard, { host: '::1', port: 8080 })
  assert.throws(() => readOptions(['--dashboard', '0.0.0.0:5080']), { code: 'invalid' })
})
