import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeData, packet, packetType } from './fsutil.ts'

test('encodeData() writes what packet.encode() does', () => {
  for (const id of [0, 1, 127, 128, 30_000, 2 ** 32 - 1]) {
    for (const length of [0, 1, 127, 128, 70_000]) {
      const data = Buffer.alloc(length, 7)
      assert.deepEqual(encodeData(id, data), Buffer.from(packet.encode({ type: packetType.data, id, data })))
    }
    assert.deepEqual(encodeData(id), Buffer.from(packet.encode({ type: packetType.data, id })))
  }
})
