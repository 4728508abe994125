import assert from 'node:assert/strict'
import { test } from 'node:test'
import { download } from './http.ts'

test('a file from the web is named after the last part of its address', () => {
  for (const [address, name] of [
    ['http://h/a/b.tar.gz', 'b.tar.gz'],
    ['http://h/a/b/', 'b'],
    ['http://h/a%20b?c=d/e#f/g', 'a b'],
    ['http://h', '__unnamed__'],
    ['http://h/?a', '__unnamed__'],
  ] as const) {
    assert.equal(download(address).name, name, address)
  }
  assert.throws(() => download('http://'), { message: 'invalid URL: http://' })
})
