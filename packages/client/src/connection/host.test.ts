import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EngineHost, parseHost } from './host.ts'

const rows: readonly (readonly [text: string, host: EngineHost])[] = [
  ['unix:///run/slipway/slipway.sock', { protocol: 'unix', path: '/run/slipway/slipway.sock' }],
  ['tcp://127.0.0.1:2375', { protocol: 'tcp', hostname: '127.0.0.1', port: 2375 }],
  ['tcp://engine', { protocol: 'tcp', hostname: 'engine', port: 2375 }],
  ['tcp://engine:80', { protocol: 'tcp', hostname: 'engine', port: 80 }],
  ['tcp://[::1]:5000', { protocol: 'tcp', hostname: '::1', port: 5000 }],
  ['https://engine', { protocol: 'tcp', hostname: 'engine', port: 2376 }],
]

test('parseHost() reads the forms of docker', () => {
  for (const [text, host] of rows) assert.deepEqual(parseHost(text), host, text)
})

test('parseHost() takes the port of TLS when TLS is wanted', () => {
  assert.deepEqual(parseHost('tcp://engine', { tls: true }), { protocol: 'tcp', hostname: 'engine', port: 2376 })
})

test('parseHost() refuses what is no host', () => {
  for (const text of ['', 'engine', 'unix://', 'tcp://', 'ftp://x', 'tcp://a b']) {
    assert.throws(() => parseHost(text), { code: 'invalid' }, text)
  }
})
