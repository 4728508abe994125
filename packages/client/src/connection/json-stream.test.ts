import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { readJsonStream } from './json-stream.ts'

const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => await Array.fromAsync(source)

async function* cut(bytes: Uint8Array, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let at = 0
  for (const size of sizes) {
    yield bytes.subarray(at, at + size)
    at += size
  }
  yield bytes.subarray(at)
}

test('readJsonStream() reads the same values however the bytes are cut', async () => {
  const values = [{ status: 'Pulling' }, { stream: 'é€𝄞\n' }, { a: [1, 2] }]
  const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\r\n`).join(''))
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 20 }), async (sizes) => {
      assert.deepEqual(await collect(readJsonStream(cut(bytes, sizes))), values)
    }),
    { numRuns: 50 },
  )
})

test('readJsonStream() gives a last value without a line end', async () => {
  assert.deepEqual(await collect(readJsonStream(cut(Buffer.from('{"a":1}\n{"b":2}'), []))), [{ a: 1 }, { b: 2 }])
})

test('readJsonStream() throws on what is no JSON', async () => {
  await assert.rejects(collect(readJsonStream(cut(Buffer.from('<html>\n'), []))), { code: 'internal' })
})
