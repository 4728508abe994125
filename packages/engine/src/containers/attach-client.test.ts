import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDetachKeys } from './attach-client.ts'

test('parseDetachKeys() reads single keys and control keys', () => {
  assert.deepEqual(parseDetachKeys('ctrl-p,ctrl-q'), [16, 17])
  assert.deepEqual(parseDetachKeys('a,ctrl-['), [97, 27])
  assert.equal(parseDetachKeys('ctrl-,'), undefined)
  assert.equal(parseDetachKeys('shift-a'), undefined)
})
