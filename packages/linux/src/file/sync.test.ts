import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scratchDirectory } from '../scratch-directory.ts'
import { syncFileSystem } from './sync.ts'

test('syncFileSystem() takes any path of the file system, and says which one is not there', () => {
  using directory = scratchDirectory()
  syncFileSystem(directory.path)
  assert.throws(() => syncFileSystem('/not/there'), { code: 'ENOENT', path: '/not/there' })
})
