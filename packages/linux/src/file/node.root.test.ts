import assert from 'node:assert/strict'
import { constants, lstatSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { deviceNumber, mknod } from './node.ts'
import { getXattr, listXattrs, setXattr } from './xattr.ts'

test('mknod() makes a device that works', () => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'zero')
  mknod(path, constants.S_IFCHR | 0o600, deviceNumber(1, 5))
  const status = lstatSync(path, { bigint: true })
  assert.ok(status.isCharacterDevice())
  assert.equal(status.rdev, deviceNumber(1, 5))
})

test("mknod() makes overlayfs's whiteout", () => {
  using directory = scratchDirectory()
  const path = Buffer.from(join(directory.path, 'gone'))
  mknod(path, constants.S_IFCHR, 0)
  assert.equal(lstatSync(path).rdev, 0)
  assert.throws(() => mknod(path, constants.S_IFCHR, 0n), { code: 'EEXIST', syscall: 'mknod' })
})

test('a symlink has attributes of its own', () => {
  using directory = scratchDirectory()
  const link = join(directory.path, 'link')
  symlinkSync('/etc/passwd', link)
  setXattr(link, 'trusted.swt', Buffer.from('y'))
  assert.deepEqual(listXattrs(link), ['trusted.swt'])
  assert.equal(getXattr(link, 'trusted.swt')?.toString(), 'y')
  assert.deepEqual(listXattrs('/etc/passwd'), [])
  assert.ok(readFileSync(link).length > 0)
})
