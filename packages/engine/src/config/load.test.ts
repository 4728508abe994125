import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadConfig } from './load.ts'

const load = (...argv: readonly string[]) => loadConfig(argv, {})

test('what concerns the default bridge is read from flags', async () => {
  const { bip, ipv6, fixedCidr, fixedCidrV6, mtu } = await load(
    ...[
      '--bip',
      '10.1.0.1/16',
      '--fixed-cidr',
      '10.1.2.0/24',
      '--ipv6',
      '--fixed-cidr-v6',
      'fd00::/64',
      '--mtu',
      '1400',
    ],
  )
  assert.deepEqual(
    { bip, ipv6, fixedCidr, fixedCidrV6, mtu },
    { bip: '10.1.0.1/16', ipv6: true, fixedCidr: '10.1.2.0/24', fixedCidrV6: 'fd00::/64', mtu: 1400 },
  )
  assert.equal((await load()).mtu, 1500)
})

test('pools may be of either family', async () => {
  const { addressPools } = await load('--default-address-pool', 'base=fd00:1::/48,size=64')
  assert.deepEqual(addressPools, [{ base: 'fd00:1::/48', size: 64 }])
})

test('what is no address, no number or of the other family is refused', async () => {
  for (const [flag, value] of [
    ['bip', 'fd00::1/64'],
    ['bip', '10.1.0.1'],
    ['bip', '10.1.0.1/33'],
    ['fixed-cidr-v6', '10.1.0.0/16'],
    ['fixed-cidr-v6', 'fd00::/129'],
    ['mtu', '20'],
    ['mtu', 'large'],
    ['mtu', '70000'],
    ['default-address-pool', 'base=fd00:1::/200,size=64'],
  ]) {
    await assert.rejects(load(`--${flag}`, value ?? ''), { code: 'invalid' }, `${flag} ${value}`)
  }
})

test('paths are those of where it was called', async () => {
  const { dataRoot, execRoot, pidfile } = await load('--data-root', 'data', '--exec-root', '/run/x', '-p', './pid')
  assert.deepEqual([dataRoot, execRoot, pidfile], [join(process.cwd(), 'data'), '/run/x', join(process.cwd(), 'pid')])
})
