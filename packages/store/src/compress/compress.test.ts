import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { digestOf, hasCode } from '@slipway/core'
import { findBinary, openDeflater } from '@slipway/linux'
import { compressFile } from '../content/hash-file.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runJob } from '../workers/run.ts'
import { compressStream } from './compress.ts'
import { decompressStream } from './decompress.ts'
import { detectCompression } from './detect.ts'
import { gzipBlocks } from './gzip-blocks.ts'

const text = Buffer.from('all happy layers are alike\n'.repeat(100_000))
/** Very small pieces at first, then larger ones. */
const inPieces = function* (bytes: Uint8Array, size: number) {
  for (let at = 0; at < Math.min(200, bytes.length); at++) yield bytes.subarray(at, at + 1)
  for (let at = 200; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

for (const compression of ['none', 'gzip', 'zstd'] as const) {
  test(`what was compressed with ${compression} comes back`, async () => {
    const packed = await buffer(compressStream(inPieces(text, 10_000), compression))
    assert.equal(detectCompression(packed), compression)
    assert.deepEqual(await buffer(decompressStream(inPieces(packed, 1000))), text)
  })
}

test('gzip is the same each time, and holds neither time nor name', async () => {
  const first = await buffer(compressStream([text], 'gzip'))
  assert.deepEqual(await buffer(compressStream(inPieces(text, 999), 'gzip')), first)
  assert.deepEqual([...first.subarray(3, 8)], [0, 0, 0, 0, 0])
})

const deflaters = { 'ISA-L': openDeflater, zlib: () => undefined } as const

for (const [name, open] of Object.entries(deflaters)) {
  test(`gzip of many blocks, by ${name}, is one member, which any reader takes`, async () => {
    const noise = Buffer.concat([randomBytes(2_500_000), text, Buffer.alloc(1 << 20)])
    for (const length of [0, 1, 1 << 19, (1 << 19) + 1, noise.length]) {
      const packed = Buffer.concat(
        await Array.fromAsync(gzipBlocks(inPieces(noise.subarray(0, length), 70_000), { open })),
      )
      assert.deepEqual(gunzipSync(packed), noise.subarray(0, length))
    }
  })
}

test('a worker that inflates gzip finds in it what zlib finds', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'layer')
  const noise = Buffer.concat([randomBytes(1_500_000), text])
  const members = Buffer.concat([gzipSync(noise), gzipSync(text), Buffer.alloc(3)])
  await writeFile(path, members)
  assert.deepEqual(await runJob('hashLayer', { path }), {
    diffId: digestOf(gunzipSync(members)),
    size: noise.length + text.length,
  })
  const damaged = { 'unexpected end of file': members.subarray(0, -50), 'incorrect header check': text.subarray(0, 99) }
  for (const [message, bytes] of Object.entries(damaged)) {
    await writeFile(path, Buffer.concat([gzipSync(text), bytes]))
    await assert.rejects(runJob('hashLayer', { path }), { code: 'invalid', message: `invalid gzip data: ${message}` })
  }
})

test('whoever reads along gets the bytes that are written', async () => {
  await using directory = await temporaryDirectory()
  const [from, to] = [join(directory.path, 'from'), join(directory.path, 'to')]
  const noise = Buffer.concat([randomBytes(1_500_000), text, randomBytes(700_000)])
  await writeFile(from, noise)
  const read: Promise<Buffer>[] = []
  const done: number[] = []
  // Copies: the memory goes round.
  const copies = async (bytes: AsyncIterable<Uint8Array>): Promise<Buffer> =>
    Buffer.concat(await Array.fromAsync(bytes, (piece) => Buffer.from(piece)))
  const made = await compressFile(from, to, 'gzip', {
    onBytes: (bytes) => read.push(copies(bytes)),
    onProgress: (bytes) => done.push(bytes),
  })
  const [got = Buffer.alloc(0)] = await Promise.all(read)
  assert.equal(digestOf(got), made.digest)
  assert.deepEqual(await readFile(to), got)
  assert.deepEqual(gunzipSync(got), noise)
  assert.equal(
    done.reduce((sum, bytes) => sum + bytes, 0),
    noise.length,
  )
})

test('gzip reports a source that fails', async () => {
  const source = async function* () {
    yield randomBytes(3 << 20)
    throw new Error('disk on fire')
  }
  await assert.rejects(buffer(compressStream(source(), 'gzip')), /disk on fire/)
})

test('members and frames behind one another are read to the last', async () => {
  const [head, tail] = [text.subarray(0, 1_000_000), text.subarray(1_000_000)]
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
  const gzip = Buffer.concat([gzipSync(head), gzipSync(tail)])
  const zstd = Buffer.concat([skippable, zstdCompressSync(head), zstdCompressSync(tail), skippable])
  assert.deepEqual(await buffer(decompressStream([gzip])), text)
  assert.deepEqual(await buffer(decompressStream(inPieces(zstd, 1000))), text)
})

/** "hello" as each program packs it, so that what happens without the program can be seen as well. */
const packedHello: Readonly<Record<string, string>> = {
  xz: '/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAEaGVsbG8AAAAAsTe52+XaHpsAAR0FuC2Arx+2830BAAAAAARZWg==',
  bzip2: 'QlpoOTFBWSZTWRkxZT0AAACBAAJEoAAhmmgzTQczi7kinChIDJiynoA=',
}

for (const [program, hello] of Object.entries(packedHello)) {
  test(`${program} is read through its program; without it there is a clear error`, async () => {
    const packed = Buffer.from(hello, 'base64')
    assert.equal(detectCompression(packed), program)
    if (findBinary(program) === undefined) {
      await assert.rejects(buffer(decompressStream([packed])), { code: 'unsupported', message: new RegExp(program) })
      return
    }
    assert.equal((await buffer(decompressStream([packed]))).toString(), 'hello')
    await assert.rejects(buffer(decompressStream([packed.subarray(0, packed.length - 8)])), (error) =>
      hasCode(error, 'invalid'),
    )
  })
}

test('truncated and damaged data is invalid', async () => {
  for (const packed of [gzipSync(text), zstdCompressSync(text)]) {
    const damaged = Buffer.from(packed)
    damaged.fill(0xaa, 40, 60)
    for (const bad of [packed.subarray(0, packed.length - 10), damaged]) {
      await assert.rejects(buffer(decompressStream([bad])), (error) => hasCode(error, 'invalid'))
    }
  }
})

test('a source that fails is told apart from bad data', async () => {
  const source = async function* () {
    yield gzipSync(text).subarray(0, 100)
    throw new Error('connection reset')
  }
  await assert.rejects(buffer(decompressStream(source())), /connection reset/)
})

test('stopping early ends the source', async () => {
  const source = Readable.from(inPieces(zstdCompressSync(text), 100), { objectMode: false })
  const closed = new Promise((resolve) => source.once('close', resolve).once('error', () => {}))
  for await (const _ of decompressStream(source)) break
  await closed
  assert.equal(source.destroyed, true)
})

test('a file is compressed anew: from each compression to each, at a level, and always to the same bytes', async () => {
  await using directory = await temporaryDirectory()
  const noise = Buffer.concat([randomBytes(5_000_000), text, randomBytes(3_000_000)])
  const at = (name: string): string => join(directory.path, name)
  await writeFile(at('none'), noise)
  const all = ['none', 'gzip', 'zstd'] as const
  for (const to of ['gzip', 'zstd'] as const) await compressFile(at('none'), at(to), to)
  for (const from of all) {
    for (const to of all) {
      const [one, other] = [at(`${from}-${to}`), at(`${from}-${to}-again`)]
      const made = await compressFile(at(from), one, to, { from, level: 2 })
      assert.equal(detectCompression(await readFile(one)), to)
      assert.equal(digestOf(await readFile(one)), made.digest)
      assert.equal(digestOf(await buffer(decompressStream([await readFile(one)]))), digestOf(noise))
      assert.deepEqual(await compressFile(at(from), other, to, { from, level: 2 }), made)
    }
  }
  await writeFile(at('text'), text)
  const sizes = await Promise.all(
    [1, 9].map(async (level) => (await compressFile(at('text'), at(`level-${level}`), 'gzip', { level })).size),
  )
  assert.ok((sizes[1] as number) < (sizes[0] as number), String(sizes))
})
