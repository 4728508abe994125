import assert from 'node:assert/strict'
import { test } from 'node:test'
import { librariesOf } from './server-package.js'

test('librariesOf() takes the libraries, and leaves what would start a server', () => {
  const depends = 'locales | locales-all, postgresql-common (>= 241~), libc6 (>= 2.34), libpq5:any, libllvm14, tzdata'
  assert.deepEqual(librariesOf(depends), ['libc6', 'libpq5', 'libllvm14'])
})
