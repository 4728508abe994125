import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatIp, formatMac, parseCidr, parseIp, parseMac } from './ip.ts'

test('parseIp() reads IPv4 and every form of IPv6', () => {
  const hex = (text: string): string => parseIp(text).bytes.toString('hex')
  assert.equal(hex('10.1.2.255'), '0a0102ff')
  assert.equal(hex('::'), '0'.repeat(32))
  assert.equal(hex('::1'), `${'0'.repeat(31)}1`)
  assert.equal(hex('fe80::'), `fe80${'0'.repeat(28)}`)
  assert.equal(hex('2001:db8::a:b'), `20010db8${'0'.repeat(16)}000a000b`)
  assert.equal(hex('::ffff:10.0.0.1'), `${'0'.repeat(20)}ffff0a000001`)
  assert.equal(hex('1:2:3:4:5:6:7:8'), '00010002000300040005000600070008')
})

test('formatIp() and parseIp() undo each other', () => {
  const bytes = fc.oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  fc.assert(fc.property(bytes, (address) => parseIp(formatIp(Buffer.from(address))).bytes.equals(address)))
  assert.equal(formatIp(parseIp('2001:0db8:0:0:0:0:0:1').bytes), '2001:db8::1')
})

test('addresses that are none are invalid', () => {
  for (const text of ['', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '010.1.1.1', 'localhost', '::1::']) {
    assert.throws(() => parseIp(text), { code: 'invalid' }, text)
  }
})

test('parseCidr() takes a length that fits the family', () => {
  assert.equal(parseCidr('10.0.0.1/16').prefixLength, 16)
  assert.equal(parseCidr('10.0.0.1').prefixLength, 32)
  assert.equal(parseCidr('fd00::1/64').prefixLength, 64)
  for (const text of ['10.0.0.1/33', '10.0.0.1/', '10.0.0.1/-1', '10.0.0.1/1/1', 'fd00::/129', '10.0.0.1/0x8']) {
    assert.throws(() => parseCidr(text), { code: 'invalid' }, text)
  }
})

test('MAC addresses go there and back', () => {
  assert.equal(formatMac(parseMac('02:42:AC:11:00:02')), '02:42:ac:11:00:02')
  for (const text of ['', '02:42:ac:11:00', '02-42-ac-11-00-02', '02:42:ac:11:00:02:03']) {
    assert.throws(() => parseMac(text), { code: 'invalid' }, text)
  }
})
