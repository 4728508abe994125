import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findUser } from './find.ts'

const passwd = `root:x:0:0:root:/root:/bin/bash
# a comment
broken:x::
web:x:33:33::/srv:/bin/sh
1337:x:50:50::/fifty:/bin/sh
`
const group = `root:x:0:
web:x:33:
docker:x:999:web,other
audio:x:29:other
disk:x:6:web
`
const find = (spec: string, groupAdd: readonly string[] = []) => findUser({ spec, groupAdd }, passwd, group)

test('users by name and number, with their groups and home', () => {
  assert.deepEqual(find(''), { uid: 0, gid: 0, additionalGids: [0], home: '/root' })
  assert.deepEqual(find('web'), { uid: 33, gid: 33, additionalGids: [33, 999, 6], home: '/srv' })
  assert.deepEqual(find('33'), find('web'))
  assert.deepEqual(find('web:audio'), { uid: 33, gid: 29, additionalGids: [29], home: '/srv' })
  assert.deepEqual(find('4242:4343'), { uid: 4242, gid: 4343, additionalGids: [4343], home: '/' })
})

test('a number is never a name', () => {
  assert.deepEqual(find('1337'), { uid: 1337, gid: 0, additionalGids: [0], home: '/' })
})

test('groups that are added come once each', () => {
  assert.deepEqual(find('web', ['audio', '6', '77']).additionalGids, [33, 999, 6, 29, 77])
})

test('who is not there is named in docker’s words', () => {
  assert.throws(() => find('x'), { message: 'unable to find user x: no matching entries in passwd file' })
  assert.throws(() => find('web:y'), { message: 'unable to find group y: no matching entries in group file' })
  assert.throws(() => find('broken'), { message: 'unable to find user broken: no matching entries in passwd file' })
  assert.throws(() => find('4294967295'), { message: 'uids and gids must be in range 0-2147483647' })
  assert.deepEqual(findUser({ spec: '0' }, '', ''), { uid: 0, gid: 0, additionalGids: [0], home: '/' })
})
