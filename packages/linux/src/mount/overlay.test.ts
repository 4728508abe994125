import assert from 'node:assert/strict'
import { test } from 'node:test'
import { overlayParameters } from './overlay.ts'

test('overlayParameters() gives each lower directory a line of its own, top first', () => {
  assert.deepEqual(overlayParameters(['lowerdir=/top:/middle:/bottom', 'upperdir=/u', 'volatile', 'index=off']), [
    ['lowerdir+', '/top'],
    ['lowerdir+', '/middle'],
    ['lowerdir+', '/bottom'],
    ['upperdir', '/u'],
    ['volatile'],
    ['index', 'off'],
  ])
})

test('overlayParameters() takes off the backslashes of an option string', () => {
  assert.deepEqual(overlayParameters([String.raw`lowerdir=/a\:b:/c\\d`]), [
    ['lowerdir+', '/a:b'],
    ['lowerdir+', String.raw`/c\d`],
  ])
})
