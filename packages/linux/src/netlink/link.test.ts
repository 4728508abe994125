import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLinkName, createVeth } from './link.ts'
import { asText, asUint32, decodeAttributes } from './message.ts'

test("checkLinkName() holds to the kernel's rules", () => {
  for (const name of ['lo', 'eth0.1', 'a'.repeat(15)]) assert.equal(checkLinkName(name), name)
  for (const name of ['', '.', '..', 'a'.repeat(16), 'ä'.repeat(8), 'a/b', 'a b', 'a:b', 'a\0']) {
    assert.throws(() => checkLinkName(name), { code: 'invalid' }, JSON.stringify(name))
  }
})

test('createVeth() names both ends, and puts the peer in the namespace', () => {
  const { payload } = createVeth(
    { name: 'veth1', master: 7, up: true },
    { name: 'eth0', macAddress: '02:00:00:00:00:01' },
    42,
  )
  assert.equal(payload.readUInt32LE(8), 1, 'up')
  const link = decodeAttributes(payload.subarray(16))
  assert.equal(asText(link.get(3)), 'veth1')
  assert.equal(asUint32(link.get(10)), 7)
  const info = decodeAttributes(link.get(18) ?? Buffer.alloc(0))
  assert.equal(asText(info.get(1)), 'veth')
  const data = decodeAttributes(info.get(2) ?? Buffer.alloc(0))
  const peer = decodeAttributes(data.get(1)?.subarray(16) ?? Buffer.alloc(0))
  assert.equal(asText(peer.get(3)), 'eth0')
  assert.equal(peer.get(1)?.toString('hex'), '020000000001')
  assert.equal(asUint32(peer.get(28)), 42)
})
