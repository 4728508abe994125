import assert from 'node:assert/strict'
import { test } from 'node:test'
import { backingFileSystem } from './graph-driver.ts'

test('backingFileSystem() names file systems as docker does, and what it does not know not at all', async () => {
  assert.equal(await backingFileSystem('/dev'), 'tmpfs')
  assert.equal(await backingFileSystem('/proc'), '<unknown>')
})
