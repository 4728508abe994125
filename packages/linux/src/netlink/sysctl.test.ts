import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sysctlPath } from './sysctl.ts'

test('sysctlPath() takes dots, or slashes around names with dots', () => {
  assert.equal(sysctlPath('net.ipv4.ip_forward'), '/proc/sys/net/ipv4/ip_forward')
  assert.equal(sysctlPath('net/ipv6/conf/eth0.1/disable_ipv6'), '/proc/sys/net/ipv6/conf/eth0.1/disable_ipv6')
})

test('sysctlPath() stays among the network sysctls', () => {
  for (const key of ['', 'net', 'kernel.core_pattern', 'net/../kernel/core_pattern', 'net//x', '/net/x', 'net.a b']) {
    assert.throws(() => sysctlPath(key), { code: 'invalid' }, key)
  }
})
