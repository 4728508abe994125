import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMountInfo, readMountInfo } from './mountinfo.ts'

test('parseMountInfo() reads every field', () => {
  const line = '36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n'
  assert.deepEqual(parseMountInfo(line), [
    {
      id: 36,
      parentId: 35,
      device: '98:0',
      root: '/mnt1',
      target: '/mnt2',
      options: ['rw', 'noatime'],
      propagation: ['shared:1', 'master:2'],
      type: 'ext3',
      source: '/dev/root',
      superOptions: ['rw', 'errors=continue'],
    },
  ])
})

test('parseMountInfo() undoes octal escapes, and only those', () => {
  const line = String.raw`1 2 0:3 / /a\040b\011c\012d\134040\999 rw - tmpfs with\040space rw,lowerdir=/x\040y`
  const [mount] = parseMountInfo(line)
  assert.equal(mount?.target, '/a b\tc\nd\\040\\999')
  assert.equal(mount?.source, 'with space')
  assert.deepEqual(mount?.superOptions, ['rw', 'lowerdir=/x y'])
  assert.deepEqual(mount?.propagation, [])
})

test('parseMountInfo() takes a hyphen in a path, and an empty source', () => {
  const [mount] = parseMountInfo('1 2 0:3 / /a-b rw shared:7 - tmpfs  rw')
  assert.deepEqual([mount?.target, mount?.source, mount?.superOptions], ['/a-b', '', ['rw']])
})

test('parseMountInfo() leaves out what is no mount', () => {
  assert.deepEqual(parseMountInfo('\nnonsense\n1 2 3\n'), [])
})

test('readMountInfo() keeps to whole names below the prefix', () => {
  assert.ok(readMountInfo('/proc').some(({ target, type }) => target === '/proc' && type === 'proc'))
  assert.deepEqual(readMountInfo('/pro'), [])
  assert.ok(readMountInfo('/').some(({ target }) => target === '/proc'))
})
