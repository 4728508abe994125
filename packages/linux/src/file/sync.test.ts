import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { beginSync, syncFileSystem } from './sync.ts'

test('syncFileSystem() takes any path of the file system, and says which one is not there', () => {
  using directory = scratchDirectory()
  syncFileSystem(directory.path)
  assert.throws(() => syncFileSystem('/not/there'), { code: 'ENOENT', path: '/not/there' })
})

test('beginSync() leaves the file as it is, and no file alone', () => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'file')
  const fd = openSync(path, 'wx')
  writeSync(fd, 'hello')
  beginSync(fd, 0, 5)
  closeSync(fd)
  beginSync(fd, 0, 5)
  assert.equal(readFileSync(path, 'utf8'), 'hello')
})
