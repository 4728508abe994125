import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kindOf, modeText } from './file-mode.ts'

test('modeText() writes a mode as ls does', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0o644, '-rw-r--r--'],
    [2 ** 31 + 0o755, 'drwxr-xr-x'],
    [2 ** 27 + 0o777, 'lrwxrwxrwx'],
    [2 ** 23 + 0o755, '-rwsr-xr-x'],
    [2 ** 22 + 0o640, '-rw-r-S---'],
    [2 ** 31 + 2 ** 20 + 0o777, 'drwxrwxrwt'],
    [2 ** 26 + 2 ** 21 + 0o666, 'crw-rw-rw-'],
    [2 ** 26 + 0o660, 'brw-rw----'],
  ]
  for (const [mode, text] of cases) assert.equal(modeText(mode), text)
})

test('kindOf() tells directories, links and files from what can’t be opened', () => {
  assert.deepEqual([2 ** 31, 2 ** 27, 0o644, 2 ** 25].map(kindOf), ['directory', 'link', 'file', 'other'])
})
