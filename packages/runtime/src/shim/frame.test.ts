import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeFrame, frameReader } from './frame.ts'

const frame = fc.record(
  {
    stream: fc.integer({ min: 0, max: 0xffff_ffff }),
    type: fc.integer({ min: 1, max: 3 }),
    body: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  },
  { noNullPrototype: true },
)

test('frames come out as they went in, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(frame), fc.integer({ min: 1, max: 50 }), (frames, piece) => {
      const bytes = Buffer.concat(frames.map(encodeFrame))
      const read = frameReader()
      const seen = []
      for (let at = 0; at < bytes.length; at += piece) seen.push(...read(bytes.subarray(at, at + piece)))
      assert.deepEqual(seen, frames)
    }),
  )
})

test('a frame that claims more than 4 MiB is refused before it is waited for', () => {
  const header = Buffer.alloc(10)
  header.writeUInt32BE((4 << 20) + 1)
  assert.throws(() => frameReader()(header), RangeError)
})
