import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  asText,
  attribute,
  decodeAttributes,
  decodeMessages,
  decodeRefusal,
  encodeMessage,
  nested,
  text,
  uint32,
} from './message.ts'

test('attributes are padded to four bytes, and their length leaves the padding out', () => {
  assert.equal(text(3, 'lo').toString('hex'), '07000300' + '6c6f0000')
  assert.equal(uint32(4, 1500).toString('hex'), '08000400' + 'dc050000')
  assert.equal(nested(18, [text(1, 'veth')]).toString('hex'), '10001280' + '09000100' + '7665746800000000')
})

test('messages carry length, type, flags and sequence', () => {
  const encoded = encodeMessage({ type: 16, flags: 5, sequence: 9, payload: Buffer.from('abcd') })
  assert.equal(encoded.toString('hex'), '14000000' + '1000' + '0500' + '09000000' + '00000000' + '61626364')
})

test('decodeMessages() finds what encodeMessage() wrote, one after the other', () => {
  const number = fc.nat(0xffff)
  const message = fc
    .tuple(number, number, fc.nat(), fc.uint8Array({ maxLength: 40 }))
    .map(([type, flags, sequence, payload]) => ({ type, flags, sequence, payload: Buffer.from(payload) }))
  fc.assert(
    fc.property(fc.array(message), (messages) => {
      assert.deepEqual(decodeMessages(Buffer.concat(messages.map(encodeMessage))), messages)
    }),
  )
})

test('lengths that cannot be end the reading', () => {
  const any = fc.uint8Array({ maxLength: 200 })
  fc.assert(
    fc.property(any, (bytes) => {
      decodeMessages(Buffer.from(bytes))
      decodeAttributes(Buffer.from(bytes))
    }),
  )
  assert.equal(decodeAttributes(Buffer.from('00000300', 'hex')).size, 0)
  assert.equal(decodeAttributes(Buffer.from('ff000300', 'hex')).size, 0)
})

test('a refusal has the errno and the sentence of the kernel', () => {
  const errno = Buffer.alloc(4)
  errno.writeInt32LE(-17)
  const payload = Buffer.concat([errno, Buffer.alloc(16), text(1, 'Device exists')])
  assert.deepEqual(decodeRefusal({ type: 2, flags: 0x200, sequence: 1, payload }), {
    errno: 17,
    reason: 'Device exists',
  })
  assert.deepEqual(decodeRefusal({ type: 2, flags: 0, sequence: 1, payload: Buffer.alloc(20) }), { errno: 0 })
})

test('text ends at its NUL', () => {
  assert.equal(asText(decodeAttributes(attribute(3, Buffer.from('eth0\0\0\0'))).get(3)), 'eth0')
})
