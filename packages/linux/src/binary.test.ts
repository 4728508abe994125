import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { findBinary } from './binary.ts'
import { scratchDirectory } from './testing/scratch-directory.ts'

test('findBinary() takes the first on the path that can be run', () => {
  using directory = scratchDirectory()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => join(directory.path, name)) as [string, string, string]
  mkdirSync(join(a, 'tool'), { recursive: true })
  mkdirSync(b)
  mkdirSync(c)
  writeFileSync(join(b, 'tool'), '', { mode: 0o644 })
  writeFileSync(join(c, 'tool'), '')
  chmodSync(join(c, 'tool'), 0o755)
  assert.equal(findBinary('tool', `relative:${a}:${b}:${c}`), join(c, 'tool'))
  assert.equal(findBinary('tool', `${a}:${b}`), undefined)
  assert.equal(findBinary(join(c, 'tool'), ''), join(c, 'tool'))
  assert.equal(findBinary(join(b, 'tool'), ''), undefined)
  assert.equal(findBinary('', c), undefined)
})
