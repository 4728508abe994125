import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseName, parseCopyOperand, placeCopy } from './copy-operand.ts'

test('parseCopyOperand() tells a container from a path with a colon', () => {
  assert.deepEqual(parseCopyOperand('web:/etc/x:y'), { container: 'web', path: '/etc/x:y' })
  for (const path of ['/a:b', './a:b', 'plain', '-']) {
    assert.deepEqual(parseCopyOperand(path), { container: undefined, path })
  }
})

test('baseName() of what has none is a dot or a slash', () => {
  assert.deepEqual(['/a/b', '/a/b/', '/a/.', '.', '/'].map(baseName), ['b', 'b', '.', '.', '/'])
})

test('placeCopy() puts a file into a directory, in the place of a file, or under a new name', () => {
  const source = { path: '/f', isDirectory: false, name: 'f' }
  assert.deepEqual(placeCopy(source, { path: '/d', kind: 'directory' }), { directory: '/d', name: 'f' })
  assert.deepEqual(placeCopy(source, { path: '/d/g', kind: 'other' }), { directory: '/d', name: 'g' })
  assert.deepEqual(placeCopy(source, { path: '/d/g', kind: undefined }), { directory: '/d', name: 'g' })
  assert.throws(() => placeCopy(source, { path: '/d/', kind: undefined }), /no such directory/)
  assert.throws(() => placeCopy(source, { path: '/d/g/', kind: 'other' }), /not a directory/)
})

test('placeCopy() gives a directory the name of what is not there, and never replaces a file by it', () => {
  const source = { path: '/s', isDirectory: true, name: 's' }
  assert.deepEqual(placeCopy(source, { path: '/d', kind: 'directory' }), { directory: '/d', name: 's' })
  assert.deepEqual(placeCopy(source, { path: '/d/new/', kind: undefined }), { directory: '/d', name: 'new' })
  assert.throws(() => placeCopy(source, { path: '/d/g', kind: 'other' }), /cannot copy directory/)
})
