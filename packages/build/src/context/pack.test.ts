import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PackWriter } from './pack.ts'

const openDirectory = async (): Promise<AsyncDisposable & { readonly path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 'slipway-pack-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** Each byte is other than its neighbours, and each file than the others. */
const contentOf = (size: number, seed: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 7 + seed) % 251))

const partBytes = 32 << 10
const sizes = [1, 100, partBytes, partBytes + 1, 256 << 10, (256 << 10) + 1, 700_000, 1 << 20, (1 << 20) + 1, 3_000_000]

test('files that come mixed are found again, whole', async () => {
  await using directory = await openDirectory()
  await using packs = new PackWriter(directory.path)
  const files = [...sizes, ...sizes].map((size, id) => contentOf(size, id))
  for (const [id, { length }] of files.entries()) packs.begin(id, length)
  // As a client with several senders does it: a part of each in turn. The memory of the parts is used again.
  const part = Buffer.alloc(partBytes)
  const packed = new Map<number, ReturnType<PackWriter['end']>>()
  for (let at = 0; packed.size < files.length; at += partBytes) {
    for (const [id, file] of files.entries()) {
      if (packed.has(id)) continue
      const length = file.copy(part, 0, at, at + partBytes)
      if (length > 0) await packs.data(id, part.subarray(0, length))
      if (at + partBytes >= file.length) packed.set(id, packs.end(id))
    }
  }
  await packs.finish()
  for (const [id, { pack, start, hash }] of packed) {
    const file = files[id] as Buffer
    const found = (await readFile(join(directory.path, pack))).subarray(start, start + file.length)
    assert.ok(found.equals(file), `file ${id}`)
    assert.equal(hash, createHash('sha256').update(file).digest('hex'))
  }
  // One for all small ones, and one for each that is larger than 1 MiB.
  assert.equal((await readdir(directory.path)).length, 5)
})

test('a file that is another size than was said, or that nobody asked for, is refused', async () => {
  await using directory = await openDirectory()
  await using packs = new PackWriter(directory.path)
  for (const id of [0, 1, 2]) packs.begin(id, 3)
  assert.throws(() => packs.data(0, Buffer.from('four')), /grew/)
  void packs.data(1, Buffer.from('12'))
  assert.throws(() => packs.end(1), /shrank/)
  assert.throws(() => packs.end(3), /nobody asked/)
  await assert.rejects(packs.finish(), /were not sent/)
})

test('what can’t be written is told to who sends, and at the end', async () => {
  await using packs = new PackWriter(join(tmpdir(), 'slipway-pack-that-is-not-there'))
  const part = Buffer.alloc(1 << 20)
  packs.begin(0, 64 << 20)
  const send = async (): Promise<void> => {
    for (let count = 0; count < 64; count += 1) await packs.data(0, part)
  }
  await assert.rejects(send(), { code: 'ENOENT' })
  await assert.rejects(packs.finish())
})
