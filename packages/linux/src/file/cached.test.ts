import assert from 'node:assert/strict'
import { closeSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { cachedBytes } from './cached.ts'

test('cachedBytes() counts what was just written, and knows nothing of no file', () => {
  using directory = scratchDirectory()
  const fd = openSync(join(directory.path, 'file'), 'wx+')
  const nothing = cachedBytes(fd)
  writeSync(fd, Buffer.alloc(1 << 20))
  readSync(fd, Buffer.alloc(1 << 20), 0, 1 << 20, 0)
  const all = cachedBytes(fd)
  closeSync(fd)
  assert.equal(cachedBytes(fd), undefined)
  // A kernel that can't say says so of both.
  if (nothing === undefined) return assert.equal(all, undefined)
  assert.deepEqual([nothing, all], [0, 1 << 20])
})
