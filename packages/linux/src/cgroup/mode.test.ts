import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cgroupMode, parseCgroupPaths } from './mode.ts'

test('parseCgroupPaths() reads v1, hybrid and v2', () => {
  const hybrid = '12:cpu,cpuacct:/docker/a:b\n1:name=systemd:/init.scope\n0::/system.slice\n'
  assert.deepEqual(parseCgroupPaths(hybrid), {
    unified: '/system.slice',
    controllers: { cpu: '/docker/a:b', cpuacct: '/docker/a:b', 'name=systemd': '/init.scope' },
  })
  assert.deepEqual(parseCgroupPaths('0::/\n'), { unified: '/', controllers: {} })
})

test('cgroupMode() takes a tree that is not there as v1', () => {
  assert.equal(cgroupMode('/not/there'), 'v1')
  assert.ok(['v1', 'hybrid', 'v2'].includes(cgroupMode()))
})
