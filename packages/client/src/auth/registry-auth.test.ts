import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeRegistryAuth, encodeRegistryAuth } from './registry-auth.ts'

test('decodeRegistryAuth() reads what encodeRegistryAuth() writes, URL-safe', () => {
  const auth = { username: 'ü?>', password: '~~~~', serveraddress: 'x' }
  const header = encodeRegistryAuth(auth)
  assert.match(header, /^[A-Za-z0-9_=-]+$/)
  assert.deepEqual(decodeRegistryAuth(header), auth)
})

test('decodeRegistryAuth() takes garbage for nothing', () => {
  for (const header of [undefined, '', '!!!', 'bnVsbA==', 'W10=', 'e30']) {
    assert.deepEqual(decodeRegistryAuth(header), header === 'e30' ? {} : undefined)
  }
})
