import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { describe, test } from 'node:test'
import { crc32, gzipSync, inflateRawSync } from 'node:zlib'
import { openDeflater, openInflater } from './open.ts'

const open = (): NonNullable<ReturnType<typeof openInflater>> => {
  const inflater = openInflater(Buffer.alloc(10_000))
  assert.ok(inflater, 'the set-up installs libisal2')
  return inflater
}

const text = Buffer.from('a layer of words, and numbers, and words again; '.repeat(6000))
const noise = randomBytes(300_000)
const bodies = { nothing: Buffer.alloc(0), text, noise, both: Buffer.concat([text, noise, text, noise]) }

const inflated = (inflater: ReturnType<typeof open>, bytes: Buffer, most: number): Buffer => {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = at + randomInt(1, most + 1)
    // Memory of its own, that moves.
    for (const piece of inflater.inflate(Buffer.from(bytes.subarray(at, end)))) pieces.push(Buffer.from(piece))
    at = end
  }
  return Buffer.concat(pieces)
}

describe('GzipInflater', () => {
  for (const [name, body] of Object.entries(bodies)) {
    for (const level of [0, 1, 6, 9]) {
      test(`gives back ${name} of level ${level}, whatever pieces it comes in`, () => {
        const packed = gzipSync(body, { level })
        for (const most of [1_000_000, 5000, 100]) {
          const inflater = open()
          assert.ok(inflated(inflater, packed, most).equals(body))
          assert.deepEqual([inflater.isInside, inflater.hasEnded], [false, false])
        }
      })
    }
  }

  test('goes on with the next member, and stops at zeros behind one', () => {
    const many = Buffer.concat([gzipSync(text), gzipSync(noise), gzipSync(''), gzipSync('end')])
    const expected = Buffer.concat([text, noise, Buffer.from('end')])
    for (const most of [1_000_000, 1000]) {
      const inflater = open()
      assert.ok(
        inflated(inflater, Buffer.concat([many, Buffer.alloc(5), Buffer.from('padding')]), most).equals(expected),
      )
      assert.equal(inflater.hasEnded, true)
    }
  })

  test('reads all that a header may have', () => {
    const plain = gzipSync('hello')
    const extra = Buffer.from([2, 0, 1, 2])
    const header = Buffer.from([0x1f, 0x8b, 8, 0x1f, 1, 2, 3, 4, 0, 3, ...extra, ...Buffer.from('name\0comment\0')])
    const sum = Buffer.alloc(2)
    sum.writeUInt16LE(crc32(header) & 0xffff)
    const packed = Buffer.concat([header, sum, plain.subarray(10)])
    const second = Buffer.concat([gzipSync('first, '), packed])
    for (const most of [100, 20, 1]) {
      assert.equal(inflated(open(), packed, most).toString(), 'hello')
      assert.equal(inflated(open(), second, most).toString(), 'first, hello')
    }
    packed[header.length] = (packed[header.length] ?? 0) ^ 1
    assert.throws(() => inflated(open(), packed, 10), { message: 'header crc mismatch' })
  })

  test('says that the end is missing', () => {
    const packed = gzipSync(text)
    for (const length of [1, 15, packed.length >> 1, packed.length - 1]) {
      const inflater = open()
      inflated(inflater, packed.subarray(0, length), 700)
      assert.equal(inflater.isInside, true)
    }
  })

  test('throws for what is damaged, or no gzip', () => {
    const damaged = (at: number): Buffer => {
      const bytes = Buffer.from(gzipSync(noise.subarray(0, 1000)))
      bytes[at] = (bytes[at] ?? 0) ^ 0xff
      return bytes
    }
    const refused = {
      'incorrect header check': [
        damaged(0),
        Buffer.concat([gzipSync('x'), Buffer.from('tail')]),
        Buffer.from('plain text'),
      ],
      'unknown compression method': [damaged(2)],
      'unknown header flags set': [damaged(3)],
      'incorrect data check': [damaged(500), damaged(1015), damaged(1022)],
    }
    for (const [message, each] of Object.entries(refused)) {
      for (const bytes of each) assert.throws(() => inflated(open(), bytes, 2000), { message })
    }
  })

  test('throws, or ends somewhere, whatever is made of a good one', () => {
    const packed = gzipSync(bodies.both.subarray(text.length - 20_000, text.length + 20_000))
    for (let round = 0; round < 300; round += 1) {
      const bytes = Buffer.from(packed)
      for (let count = 0; count < 4; count += 1) bytes[randomInt(10, bytes.length)] = randomInt(256)
      try {
        assert.ok(inflated(open(), bytes, 9000).length < 100 * packed.length)
      } catch (error) {
        assert.ok(error instanceof Error && !error.message.startsWith('isal'), String(error))
      }
    }
  })
})

describe('BlockDeflater', () => {
  const lastBlock = Buffer.from([3, 0])

  test('makes blocks that zlib reads one behind the other', async () => {
    const deflater = openDeflater()
    assert.ok(deflater)
    const body = bodies.both
    const room = Buffer.alloc(1 << 19)
    const blocks: Buffer[] = []
    const size = 400_000
    for (let at = 0; at < body.length; at += size) {
      const before = at === 0 ? undefined : Buffer.from(body.subarray(at - 32_768, at))
      const length = await deflater.deflate(Buffer.from(body.subarray(at, at + size)), room, before)
      blocks.push(Buffer.from(room.subarray(0, length)))
    }
    const packed = Buffer.concat([...blocks, lastBlock])
    assert.ok(inflateRawSync(packed).equals(body))
    assert.ok(packed.length < 2 * noise.length + 30_000, String(packed.length))
  })

  test('uses what came before', async () => {
    const deflater = openDeflater()
    const room = Buffer.alloc(1 << 16)
    const bytes = noise.subarray(0, 30_000)
    assert.ok(((await deflater?.deflate(bytes, room, bytes)) ?? Infinity) < 1000)
    assert.ok(((await deflater?.deflate(bytes, room)) ?? 0) > 29_000)
  })

  test('tells when there is not room enough', async () => {
    assert.equal(await openDeflater()?.deflate(noise, Buffer.alloc(1000)), undefined)
  })
})
