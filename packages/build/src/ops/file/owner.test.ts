import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeContext } from '../../testing/request.ts'
import { type Owner, resolveOwner } from './owner.ts'

const rows: readonly (readonly [text: string, expected: Owner])[] = [
  ['web', { uid: 5, gid: 6 }],
  ['web:staff', { uid: 5, gid: 50 }],
  ['web:7', { uid: 5, gid: 7 }],
  ['7', { uid: 7, gid: 7 }],
  ['7:8', { uid: 7, gid: 8 }],
  // With a colon, what isn't named is root.
  ['web:', { uid: 5, gid: 0 }],
  ['7:', { uid: 7, gid: 0 }],
  [':staff', { uid: 0, gid: 50 }],
  [':', { uid: 0, gid: 0 }],
  ['nobody', { uid: 0, gid: 0 }],
  ['web:nobody', { uid: 5, gid: 6 }],
]

test('an owner is a number, or a name of the image', () => {
  using image = makeContext({})
  mkdirSync(join(image.path, 'etc'))
  writeFileSync(join(image.path, 'etc/passwd'), 'root:x:0:0\nweb:x:5:6::/:/bin/sh\n')
  writeFileSync(join(image.path, 'etc/group'), 'root:x:0:\nstaff:x:50:\n')
  for (const [text, expected] of rows) assert.deepEqual(resolveOwner(image.path, text), expected, text)
  for (const text of ['nobody', 'web:nobody']) {
    assert.throws(() => resolveOwner(image.path, text, true), { message: /no such (?:user|group): nobody$/ })
  }
})
