import assert from 'node:assert/strict'
import { closeSync, constants, lstatSync, openSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { deviceNumber, deviceParts, makeFifo, setTimes, setTimesOf } from './node.ts'
import { O_PATH } from './open.ts'

test('deviceNumber() and deviceParts() undo each other, also beyond 12 and 8 bits', () => {
  assert.equal(deviceNumber(1, 3), 0x103n)
  assert.equal(deviceNumber(259, 300), 0x11032cn)
  for (const [major, minor] of [
    [0, 0],
    [4095, 255],
    [4096, 256],
    [0xffffffff, 0xffffffff],
  ] as const) {
    assert.deepEqual(deviceParts(deviceNumber(major, minor)), { major, minor })
  }
  const { rdev } = lstatSync('/dev/null', { bigint: true })
  assert.deepEqual(deviceParts(rdev), { major: 1, minor: 3 })
})

test('setTimes() keeps nanoseconds, also before 1970, on the symlink itself', () => {
  using directory = scratchDirectory()
  const [file, link] = [join(directory.path, 'file'), join(directory.path, 'link')]
  writeFileSync(file, '')
  symlinkSync('file', link)
  const before = lstatSync(file, { bigint: true }).mtimeNs
  for (const mtimeNs of [1234567890_123456789n, 0n, -1n]) {
    setTimes(link, { atimeNs: 5n, mtimeNs })
    assert.equal(lstatSync(link, { bigint: true }).mtimeNs, mtimeNs)
  }
  assert.equal(lstatSync(file, { bigint: true }).mtimeNs, before)
})

test('setTimesOf() does so for what is open, were it only to be named', () => {
  using directory = scratchDirectory()
  const file = join(directory.path, 'file')
  writeFileSync(file, '')
  for (const flags of [constants.O_RDONLY, O_PATH]) {
    const fd = openSync(file, flags)
    setTimesOf(fd, { atimeNs: 7n, mtimeNs: 1234567890_123456789n + BigInt(flags) })
    closeSync(fd)
    const { atimeNs, mtimeNs } = lstatSync(file, { bigint: true })
    assert.deepEqual([atimeNs, mtimeNs], [7n, 1234567890_123456789n + BigInt(flags)])
  }
})

test('names that are not UTF-8 reach the kernel as they are', () => {
  using directory = scratchDirectory()
  const name = Buffer.concat([Buffer.from(`${directory.path}/`), Buffer.of(0xff, 0xfe)])
  makeFifo(name)
  assert.ok(lstatSync(name).isFIFO())
  assert.throws(() => makeFifo(name), { code: 'EEXIST', syscall: 'mkfifo' })
})
