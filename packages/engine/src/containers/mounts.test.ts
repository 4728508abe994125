import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBind } from './mounts.ts'

test('parseBind() reads source, destination and mode', () => {
  assert.deepEqual(parseBind('/a/../b:/c:ro,rslave'), {
    source: '/b',
    destination: '/c',
    mode: 'ro,rslave',
    readonly: true,
    propagation: 'rslave',
    createSource: true,
  })
  for (const text of ['/a', '/a:b', '/a:/', '/a:/b:wo', '/a:/b:ro:x', 'volume:/b', ':/b']) {
    assert.throws(() => parseBind(text), { code: 'invalid' }, text)
  }
})
