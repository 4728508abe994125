import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDetachKeys, watchForKeys } from './detach-keys.ts'

test('parseDetachKeys() knows letters and control keys', () => {
  assert.deepEqual(parseDetachKeys('ctrl-p,ctrl-q'), [16, 17])
  assert.deepEqual(parseDetachKeys('a,ctrl-@,ctrl-[,ctrl-_'), [97, 0, 27, 31])
  assert.throws(() => parseDetachKeys('ctrl-1'), /Unknown character: 'ctrl-1'/)
  assert.throws(() => parseDetachKeys('ab'), /Unknown character: 'ab'/)
})

test('watchForKeys() sees the keys across pieces, and only in a row', () => {
  const rows: readonly (readonly [typed: readonly (readonly number[])[], seen: boolean])[] = [
    [[[16, 17]], true],
    [[[16], [17]], true],
    [[[1, 16, 16, 17]], true],
    [[[16, 1, 17]], false],
    [[[17, 16]], false],
  ]
  for (const [typed, seen] of rows) {
    const watch = watchForKeys([16, 17])
    assert.equal(typed.map((bytes) => watch(Uint8Array.from(bytes))).some(Boolean), seen)
  }
})
