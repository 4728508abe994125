import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import fc from 'fast-check'
import { copyFrames, readFrames } from './frames.ts'

const frame = (stream: number, content: string): Buffer => {
  const bytes = Buffer.from(content)
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0])
  header.writeUInt32BE(bytes.length, 4)
  return Buffer.concat([header, bytes])
}

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncIterable<Uint8Array> {
  let at = 0
  for (const size of sizes) {
    if (at >= bytes.length) return
    yield bytes.subarray(at, at + size)
    at += size
  }
  if (at < bytes.length) yield bytes.subarray(at)
}

const copied = async (source: AsyncIterable<Uint8Array>): Promise<{ out: string; err: string }> => {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  const read = Promise.all([text(stdout), text(stderr)])
  try {
    await copyFrames(source, { stdout, stderr })
  } finally {
    stdout.end()
    stderr.end()
  }
  const [out, err] = await read
  return { out, err }
}

test('copyFrames() parts stdout from stderr however the bytes are cut', async () => {
  const bytes = Buffer.concat([
    frame(1, 'out1'),
    frame(2, 'err1'),
    frame(1, ''),
    frame(1, 'out2'),
    frame(2, 'x'.repeat(300)),
  ])
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 11 }), { maxLength: 60 }), async (sizes) => {
      assert.deepEqual(await copied(cut(bytes, sizes)), { out: 'out1out2', err: `err1${'x'.repeat(300)}` })
    }),
    { numRuns: 50 },
  )
})

test('copyFrames() waits for a slow reader', async () => {
  const stdout = new PassThrough({ highWaterMark: 16 })
  const copying = copyFrames(cut(Buffer.concat([frame(1, 'a'.repeat(64)), frame(1, 'b')]), []), {
    stdout,
    stderr: stdout,
  })
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(stdout.readableLength, 64)
  const read = text(stdout)
  await copying
  stdout.end()
  assert.equal(await read, `${'a'.repeat(64)}b`)
})

test('readFrames() throws on a stream that ends within a frame', async () => {
  const short = frame(1, 'abc').subarray(0, 9)
  await assert.rejects(Array.fromAsync(readFrames(cut(short, []))), { message: 'unexpected EOF' })
})

test('readFrames() throws on bytes that are no frame', async () => {
  await assert.rejects(
    Array.fromAsync(readFrames(cut(Buffer.from('hello world'), []))),
    /Unrecognized input header: 104/,
  )
})

test("copyFrames() throws the daemon's own error", async () => {
  await assert.rejects(copied(cut(frame(3, 'no more'), [])), /error from daemon in stream: no more/)
})
