import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { type TarHeader, type TarType, tarHeader } from '../tar/header.ts'
import { packTar } from '../tar/pack.ts'
import { temporaryDirectory } from '../temporary-directory.ts'
import { runJob } from '../workers/run.ts'
import { LayerImage } from './layer-image.ts'

interface Entry {
  readonly header: TarHeader
  readonly body: Buffer
}

const names = ['a', 'b', 'ä', 'x'.repeat(120), '.wh.b', '.wh..wh..opq']
const types: readonly TarType[] = ['file', 'file', 'file', 'directory', 'symlink', 'char', 'fifo']
const sizes = [0, 1, 500, 2048, 2049, 4096, 10_000, (1 << 17) + 1, 2_000_000]

/** Half of it zeros: large ones become holes. */
const bodyOf = (size: number, seed: number): Buffer => {
  const bytes = Buffer.alloc(size)
  for (let at = Math.floor(size / 2); at < size; at += 1) bytes[at] = (at * 7 + seed) % 251
  return bytes
}

const entry: fc.Arbitrary<Entry> = fc
  .record({
    at: fc.array(fc.constantFrom(...names.slice(0, 3)), { maxLength: 2 }),
    name: fc.constantFrom(...names),
    type: fc.constantFrom(...types),
    size: fc.constantFrom(...sizes),
    n: fc.nat(1 << 30),
    xattr: fc.boolean(),
  })
  .map(({ at, name, type, size, n, xattr }) => {
    const isFile = type === 'file' && !name.startsWith('.wh.')
    const header = tarHeader({
      // Where a file is in the way of another's directory the layer would be refused.
      name: `${at.map((each) => `${each}d/`).join('')}${type === 'directory' ? `${name}d/` : name}`,
      type: name.startsWith('.wh.') ? 'file' : type,
      mode: n % 0o10000,
      uid: n % 3_000_000,
      gid: n % 70_000,
      mtime: n - (1 << 29),
      size: isFile ? size : 0,
      ...(type === 'symlink' ? { linkname: `../${name}` } : {}),
      xattrs: xattr ? new Map([['user.n', Buffer.from(String(n))]]) : new Map(),
    })
    return { header, body: isFile ? bodyOf(size, n) : Buffer.alloc(0) }
  })

test('LayerImage makes the image, and the digest, that the layer’s tar would make', async () => {
  await using directory = await temporaryDirectory()
  let count = 0
  const property = fc.asyncProperty(fc.array(entry, { maxLength: 12 }), async (entries) => {
    count += 1
    const [fromTar, direct] = ['tar', 'direct'].map((name) => join(directory.path, `${name}-${count}`)) as [
      string,
      string,
    ]
    const expected = await runJob('writeImage', { image: fromTar }, { source: packTar(entries) })
    await using image = new LayerImage(direct)
    for (const { header, body } of entries) {
      image.entry(header)
      for (let at = 0; at < body.length; at += 100_000) {
        image.data(body.subarray(at, at + 100_000))
        await image.ready()
      }
      image.end()
    }
    const { usage: _, ...written } = await image.finish()
    const { usage: __, ...told } = expected
    assert.deepEqual(written, told)
    assert.ok((await readFile(direct)).equals(await readFile(fromTar)))
  })
  await fc.assert(property, { numRuns: 40 })
})

test('LayerImage refuses what a tar may not hold, and lets go of its file', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'image')
  await using image = new LayerImage(path)
  assert.throws(() => image.entry(tarHeader({ name: '../outside' })), /outside of/)
  image.entry(tarHeader({ name: 'a', size: 3 }))
  image.data(Buffer.from('ab'))
  assert.throws(() => image.end(), /shrank/)
  assert.throws(() => image.data(Buffer.from('cd')), /grew/)
  assert.throws(() => new LayerImage(path), { code: 'EEXIST' })
})
