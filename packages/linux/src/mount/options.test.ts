import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flagsToNumber, mountAttributes, parseMountOptions } from './options.ts'

test('parseMountOptions() sorts flags from what the file system takes', () => {
  assert.deepEqual(parseMountOptions(['rbind', 'ro', 'rw', 'size=64m', 'mode=755', 'defaults']), {
    flags: ['bind', 'rec', 'ro'],
    data: ['size=64m', 'mode=755'],
  })
})

test('parseMountOptions() takes no names that every object has', () => {
  assert.deepEqual(parseMountOptions(['constructor', 'toString']), { flags: [], data: ['constructor', 'toString'] })
})

test('flags have the numbers of linux/mount.h', () => {
  assert.equal(flagsToNumber(['bind', 'rec']), 0x5000)
  assert.equal(flagsToNumber(['ro', 'ro']), 1)
  assert.equal(flagsToNumber(['shared']), 0x100000)
  assert.equal(mountAttributes(['ro', 'noexec', 'rec', 'shared']), 0x9)
})
