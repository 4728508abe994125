import assert from 'node:assert/strict'
import { test } from 'node:test'
import { releasing } from './release.ts'

test('releasing() gives the memory of a piece back when the next one is asked for', async () => {
  const pieces = [1, 2].map((byte) => Buffer.alloc(1 << 16, byte))
  const [first, second] = pieces as [Buffer, Buffer]
  for await (const piece of releasing(pieces)) {
    assert.equal(piece.length, 1 << 16)
    if (piece === second) assert.equal(first.length, 0)
  }
  assert.equal(second.length, 0)
})

test('releasing() leaves a buffer alone of which a piece is only a part', async () => {
  const whole = Buffer.alloc(1 << 16, 1)
  for await (const _ of releasing([whole.subarray(1)]));
  assert.equal(whole.length, 1 << 16)
})
