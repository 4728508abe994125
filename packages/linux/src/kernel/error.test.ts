import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { test } from 'node:test'
import { AT_FDCWD, cString, kernel } from './calls.ts'
import { check, errnoName, failedWith, systemError } from './error.ts'

test('cString() refuses NUL bytes, in text and in bytes', () => {
  assert.throws(() => cString('/etc/pass\0wd'), { code: 'ERR_INVALID_ARG_VALUE' })
  assert.throws(() => cString(Buffer.from([0x2f, 0])), { code: 'ERR_INVALID_ARG_VALUE' })
})

test('cString() ends bytes with the NUL that C wants', () => {
  assert.deepEqual(cString(Buffer.from([0x2f, 0xff])), Buffer.from([0x2f, 0xff, 0]))
})

test("systemError() has the shape of node:fs's errors", () => {
  const ours = systemError(2, 'stat', '/not/there')
  assert.throws(
    () => statSync('/not/there'),
    (theirs: NodeJS.ErrnoException) => {
      const { code, errno, syscall, path, message } = theirs
      assert.deepEqual({ code, errno, syscall, path, message }, { ...ours, message: ours.message })
      return true
    },
  )
})

test('systemError() appends what the kernel says', () => {
  assert.equal(
    systemError(17, 'create-bridge', 'br0', 'no way').message,
    "EEXIST: file already exists, create-bridge 'br0': no way",
  )
})

test("errnoName() knows names that libuv doesn't", () => {
  assert.deepEqual([11, 15, 95, 4711].map(errnoName), ['EAGAIN', 'ENOTBLK', 'ENOTSUP', 'E4711'])
})

test('check() throws what the kernel said', () => {
  const result = kernel.openTree(AT_FDCWD, '/not/there', 0)
  assert.equal(failedWith(result, 'EPERM'), false)
  assert.throws(() => check(result, 'open_tree', '/not/there'), { code: 'ENOENT', syscall: 'open_tree' })
})
