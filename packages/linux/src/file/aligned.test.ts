import assert from 'node:assert/strict'
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import koffi from 'koffi'
import { scratchDirectory } from '../testing/scratch-directory.ts'
import { alignedMemory, directBlock } from './aligned.ts'

test('alignedMemory() is as long as was asked for, and begins where a disk wants it', () => {
  for (const length of [1, 4096, 100_000, 1 << 18]) {
    const memory = alignedMemory(length)
    assert.equal(memory.length, length)
    assert.equal(koffi.address(memory) % BigInt(directBlock), 0n)
  }
})

test('what is in it can be written around the page cache', (context) => {
  using directory = scratchDirectory()
  const path = join(directory.path, 'file')
  const memory = alignedMemory(1 << 16).fill(7)
  let fd: number
  try {
    fd = openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_DIRECT)
  } catch {
    return context.diagnostic('this file system has no O_DIRECT')
  }
  assert.equal(writeSync(fd, memory), memory.length)
  closeSync(fd)
  assert.ok(readFileSync(path).equals(memory))
})
