import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryDirectory } from '../temporary-directory.ts'
import { BlockFile } from './block-file.ts'

test('what is written behind is in the file, in its place, before it is patched', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'image')
  const [first, second] = [randomBytes(3_000_001), randomBytes(700_000)]
  {
    using file = BlockFile.create(path)
    await using behind = file.writeBehind()
    for (let at = 0; at < first.length; at += 9999) {
      file.append(first.subarray(at, at + 9999))
      await file.ready()
    }
    file.skip(100_000)
    file.append(second)
    await behind.settle()
    assert.equal(file.length, 3_800_001)
    file.append(Buffer.from('end'))
    file.finish()
    file.patch(0, Buffer.from('start'))
    assert.deepEqual(file.read(5, 10), first.subarray(5, 15))
  }
  const expected = Buffer.concat([first, Buffer.alloc(100_000), second, Buffer.from('end')])
  expected.write('start')
  assert.ok((await readFile(path)).equals(expected))
})

test('after waiting there is room, however much was appended at once', async () => {
  await using directory = await temporaryDirectory()
  using file = BlockFile.create(join(directory.path, 'image'))
  await using behind = file.writeBehind()
  for (let count = 0; count < 3; count += 1) {
    file.append(randomBytes(20 << 20))
    assert.notEqual(file.ready(), undefined)
    await file.ready()
    assert.equal(file.ready(), undefined)
  }
  await behind.settle()
  assert.equal(file.length, 60 << 20)
})

test('a large file is as it was appended, also where it goes around the page cache', async () => {
  await using directory = await temporaryDirectory()
  const path = join(directory.path, 'image')
  const piece = randomBytes(1 << 20)
  const whole = 40
  {
    using file = BlockFile.create(path, { mostCached: 32 << 20 })
    await using behind = file.writeBehind()
    for (let count = 0; count < whole; count += 1) {
      file.append(piece)
      await file.ready()
    }
    file.skip(4096)
    file.append(piece.subarray(0, 300_000))
    file.append(piece.subarray(0, 1))
    await behind.settle()
    file.append(Buffer.from('end'))
    file.finish()
    file.patch((38 << 20) + 5, Buffer.from('mended'))
  }
  const written = await readFile(path)
  const expected = Buffer.concat([
    ...Array.from({ length: whole }, () => piece),
    Buffer.alloc(4096),
    piece.subarray(0, 300_000),
    piece.subarray(0, 1),
    Buffer.from('end'),
  ])
  expected.write('mended', (38 << 20) + 5)
  assert.ok(written.equals(expected))
})
