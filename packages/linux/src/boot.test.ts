import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bootId } from './boot.ts'

test('bootId() is a UUID', () => {
  assert.match(bootId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
})
