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
