import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitsGlob } from './glob.ts'

test('a star stands for any letters and a question mark for one', () => {
  for (const [pattern, fits, fitsNot] of [
    ['*', ['', 'v1', 'a/b'], []],
    ['v*', ['v', 'v1', 'v1.2'], ['V1', '1v', '']],
    ['v?.*', ['v1.', 'v1.2'], ['v.2', 'v12']],
    ['*-rc*', ['1-rc', '1-rc2'], ['1-r']],
    ['a*b*a', ['aba', 'aabba'], ['ab', 'abab']],
    ['latest', ['latest'], ['latest1', 'lates']],
    ['', [''], ['a']],
  ] as const) {
    for (const text of fits) assert.ok(fitsGlob(pattern, text), `${pattern} ${text}`)
    for (const text of fitsNot) assert.ok(!fitsGlob(pattern, text), `${pattern} ${text}`)
  }
})

test('a pattern that is made to be slow isn’t', () => {
  assert.ok(!fitsGlob(`${'*a'.repeat(64)}b`, 'a'.repeat(4096)))
})
