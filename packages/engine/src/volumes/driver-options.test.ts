import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkDriver, checkDriverOptions, sourceOf } from './driver-options.ts'
import { checkVolumeName } from './records.ts'

test('checkDriverOptions() wants what belongs together, and knows no others', () => {
  checkDriverOptions('v', {})
  checkDriverOptions('v', { type: 'tmpfs', device: 'tmpfs', o: 'size=1m' })
  assert.throws(() => checkDriverOptions('v', { type: 'nfs' }), /create v: missing required option: "device"/)
  assert.throws(() => checkDriverOptions('v', { o: 'bind' }), /missing required option: "device"/)
  assert.throws(() => checkDriverOptions('v', { colour: 'red' }), /create v: invalid option: "colour"/)
  assert.throws(() => checkDriverOptions('v', { size: '1g' }), /no quota support/)
})

test('checkDriver() says of others than local that there is no such plugin', () => {
  checkDriver('v', undefined)
  checkDriver('v', 'local')
  assert.throws(() => checkDriver('v', 'rex'), {
    code: 'not-found',
    message: 'create v: error looking up volume plugin rex: plugin "rex" not found',
  })
})

test('sourceOf() reads what is to be mounted', () => {
  assert.equal(sourceOf({}), undefined)
  const bind = sourceOf({ type: 'none', device: '/srv', o: 'bind,ro' })
  assert.deepEqual([bind?.type, bind?.flags, bind?.data], ['none', ['bind', 'ro'], []])
  assert.deepEqual(sourceOf({ type: 'bind', device: '/srv' })?.flags, ['bind'])
  const tmpfs = sourceOf({ type: 'tmpfs', device: 'tmpfs', o: 'size=1m,nosuid' })
  assert.deepEqual([tmpfs?.flags, tmpfs?.data], [['nosuid'], ['size=1m']])
})

test('checkVolumeName() takes what docker takes', () => {
  for (const name of ['ab', 'a.b-c_d', '0'.repeat(64)]) checkVolumeName(name)
  for (const name of ['', '..', '.hidden', '_copy', 'a/b', 'ä1', 'a b', 'x'.repeat(256)]) {
    assert.throws(() => checkVolumeName(name), { code: 'invalid' }, name)
  }
  assert.throws(() => checkVolumeName('a'), /create a: volume name is too short/)
  assert.throws(() => checkVolumeName('./x'), /If you intended to pass a host directory, use absolute path/)
})
