import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFilters, encodeQuery } from './query.ts'

test('encodeQuery() leaves out what is unset and repeats lists', () => {
  assert.equal(
    encodeQuery({ a: undefined, b: false, c: true, d: 0, e: 'x y', f: ['1', '2'] }),
    '?c=1&d=0&e=x+y&f=1&f=2',
  )
  assert.equal(encodeQuery({ a: undefined }), '')
  assert.equal(encodeQuery(), '')
})

test("encodeFilters() writes docker's newer form, and nothing for no filters", () => {
  assert.equal(encodeFilters({ status: ['running', 'paused'] }), '{"status":{"running":true,"paused":true}}')
  assert.equal(encodeFilters({}), undefined)
})
