import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCgroupParent, parseCgroups } from './cgroups.ts'

const runs = () => true

test('the driver of cgroups is what exec-opts say, and cgroupfs without a word', () => {
  assert.deepEqual(parseCgroups([], undefined), { driver: 'cgroupfs', parent: undefined })
  assert.deepEqual(parseCgroups(['native.cgroupdriver=systemd'], 'web.slice', runs), {
    driver: 'systemd',
    parent: 'web.slice',
  })
})

test('what can not work is refused when the engine starts', () => {
  const refused = (options: readonly string[], parent: string | undefined, isSystemd: boolean, message: RegExp) =>
    assert.throws(() => parseCgroups(options, parent, () => isSystemd), { code: 'invalid', message })
  refused(['native.cgroupdriver=other'], undefined, true, /is cgroupfs or systemd, not "other"/)
  refused(['nosuch=x'], undefined, true, /^invalid option: nosuch=x$/)
  refused(['native.cgroupdriver=systemd'], undefined, false, /systemd does not run this machine/)
  refused(['native.cgroupdriver=systemd'], '/web', true, /should be a valid slice named as "xxx.slice"$/)
})

test('a parent is a slice for systemd, and a path without it', () => {
  checkCgroupParent('cgroupfs', '/any/path')
  checkCgroupParent('systemd', undefined)
  checkCgroupParent('systemd', 'a-b.slice')
  for (const parent of ['/a.slice', 'a', 'a/b.slice']) {
    assert.throws(() => checkCgroupParent('systemd', parent), { code: 'invalid' })
  }
})
