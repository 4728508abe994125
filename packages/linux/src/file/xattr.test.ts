import assert from 'node:assert/strict'
import { symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { getXattr, listXattrs, removeXattr, setXattr } from './xattr.ts'

test('attributes are set, read, listed and removed, with any bytes as value', () => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'file')
  writeFileSync(path, '')
  assert.deepEqual(listXattrs(path), [])
  assert.equal(getXattr(path, 'user.one'), undefined)
  const value = Buffer.from([0, 255, 10, 0])
  setXattr(path, 'user.one', value)
  setXattr(Buffer.from(path), 'user.empty', Buffer.alloc(0))
  assert.deepEqual(getXattr(path, 'user.one'), value)
  assert.deepEqual(getXattr(path, 'user.empty'), Buffer.alloc(0))
  assert.deepEqual(listXattrs(path).toSorted(), ['user.empty', 'user.one'])
  removeXattr(path, 'user.one')
  removeXattr(path, 'user.one')
  assert.deepEqual(listXattrs(path), ['user.empty'])
})

test('a value stays what it was when another is read', () => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'file')
  writeFileSync(path, '')
  setXattr(path, 'user.a', Buffer.from('first'))
  setXattr(path, 'user.b', Buffer.from('other'))
  const first = getXattr(path, 'user.a')
  getXattr(path, 'user.b')
  assert.equal(first?.toString(), 'first')
})

test('a last symlink is not followed', () => {
  using directory = scratchDirectory()
  const [path, link] = [join(directory.path, 'file'), join(directory.path, 'link')]
  writeFileSync(path, '')
  symlinkSync('file', link)
  setXattr(path, 'user.one', Buffer.from('x'))
  assert.deepEqual(listXattrs(link), [])
  assert.throws(() => setXattr(link, 'user.two', Buffer.from('x')), { code: 'EPERM' })
})

test('errors name the call and the path', () => {
  assert.throws(() => getXattr('/not/there', 'user.one'), { code: 'ENOENT', syscall: 'lgetxattr', path: '/not/there' })
  assert.deepEqual(listXattrs('/proc/self/status'), [])
})
