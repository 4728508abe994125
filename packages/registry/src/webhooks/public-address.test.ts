import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLiteral, isPublicAddress } from './public-address.ts'

test('isPublicAddress() knows what is only of this machine or its networks', () => {
  const inside = ['127.0.0.1', '10.1.2.3', '172.20.0.1', '192.168.1.1', '169.254.169.254', '0.0.0.0', '100.64.1.1']
  const inside6 = [
    '::1',
    '::',
    'fe80::1',
    'fd00::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '::127.0.0.1',
    '64:ff9b::a00:1',
  ]
  for (const address of [...inside, ...inside6]) assert.equal(isPublicAddress(address), false, address)
  for (const address of ['8.8.8.8', '172.15.0.1', '2606:4700::1111', '::ffff:8.8.8.8']) {
    assert.equal(isPublicAddress(address), true, address)
  }
})

test('checkLiteral() refuses addresses that no look-up would see, however they are written', () => {
  for (const url of ['http://127.0.0.1/', 'http://[::1]/', 'http://2130706433/', 'http://0x7f.1/', 'http://127.1/']) {
    assert.throws(() => checkLiteral(new URL(url).hostname), { code: 'forbidden' }, url)
  }
  checkLiteral('example.com')
})
