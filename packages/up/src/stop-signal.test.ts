import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { stopSignal } from './stop-signal.ts'

test('stopSignal() takes one Ctrl-C that arrives twice for one, and a later one as the wish to end at once', (t) => {
  t.mock.method(performance, 'now', () => now)
  let now = 5000
  const source = new EventEmitter()
  const codes: number[] = []
  const stop = stopSignal(source, (code) => void codes.push(code))
  assert.equal(stop.aborted, false)
  source.emit('SIGINT')
  assert.equal(stop.aborted, true)
  now += 20
  source.emit('SIGINT')
  assert.deepEqual(codes, [])
  now += 1000
  source.emit('SIGINT')
  assert.deepEqual(codes, [130])
})
