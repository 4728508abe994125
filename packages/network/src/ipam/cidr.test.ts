import assert from 'node:assert/strict'
import { SocketAddress } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  contains,
  formatAddress,
  formatCidr,
  overlaps,
  parseAddress,
  parseCidr,
  parseInterfaceAddress,
} from './cidr.ts'

test('addresses of both families survive being read and written', () => {
  for (const text of ['0.0.0.0', '172.17.0.2', '255.255.255.255', '::', '::1', 'fd00::a:0:0:1', '2001:db8::']) {
    assert.equal(formatAddress(parseAddress(text)), text)
  }
  assert.equal(formatAddress(parseAddress('::ffff:172.17.0.2')), '::ffff:ac11:2')
  assert.equal(formatAddress(parseAddress('2001:0DB8:0:0:1:0:0:1')), '2001:db8::1:0:0:1')
})

test('formatAddress() writes IPv6 as the C library does', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }))
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      // The C library writes the last 32 bits of mapped and compatible addresses in the dotted form.
      fc.pre(groups.slice(0, 5).some((value) => value !== 0))
      const long = groups.map((value) => value.toString(16)).join(':')
      assert.equal(formatAddress(parseAddress(long)), new SocketAddress({ family: 'ipv6', address: long }).address)
    }),
  )
})

test('what is no address, or no range, is refused', () => {
  for (const text of ['', '1.2.3', '1.2.3.256', '01.2.3.4', 'fe80::1%eth0', ':::', 'localhost']) {
    assert.throws(() => parseAddress(text), { code: 'invalid' }, text)
  }
  for (const text of ['10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '::/129', '/8', '10.0.0.0/ 8']) {
    assert.throws(() => parseCidr(text), { code: 'invalid' }, text)
  }
})

test('parseCidr() drops the host bits; parseInterfaceAddress() keeps the address', () => {
  assert.equal(formatCidr(parseCidr('172.17.9.9/16')), '172.17.0.0/16')
  assert.equal(formatCidr(parseCidr('0.0.0.0/0')), '0.0.0.0/0')
  assert.deepEqual(parseInterfaceAddress('172.17.0.2/16'), {
    address: '172.17.0.2',
    prefix: 16,
    network: parseCidr('172.17.0.0/16'),
  })
})

test('ranges overlap when they share an address, and never across families', () => {
  const overlap = (a: string, b: string): boolean => overlaps(parseCidr(a), parseCidr(b))
  assert.ok(overlap('10.0.0.0/8', '10.1.0.0/16'))
  assert.ok(overlap('10.1.0.0/16', '10.0.0.0/8'))
  assert.ok(!overlap('10.0.0.0/16', '10.1.0.0/16'))
  assert.ok(!overlap('0.0.0.0/0', '::/0'))
  assert.ok(contains(parseCidr('10.0.0.0/30'), parseAddress('10.0.0.3')))
  assert.ok(!contains(parseCidr('10.0.0.0/30'), parseAddress('10.0.0.4')))
})
