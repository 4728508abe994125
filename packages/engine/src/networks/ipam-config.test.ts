import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantedSubnets } from './ipam-config.ts'

const wantedSubnet = (pools: Parameters<typeof wantedSubnets>[0]) =>
  wantedSubnets(pools, { ipv4: true, ipv6: false }).ipv4

test('wantedSubnets() says nothing of a subnet when any will do', () => {
  assert.deepEqual(wantedSubnet([]), {})
  assert.deepEqual(wantedSubnet([{}]), {})
  assert.deepEqual(wantedSubnet([{ AuxiliaryAddresses: null }]), {})
})

test('wantedSubnets() keeps what was asked for, and that it was', () => {
  const pool = {
    Subnet: '10.1.0.0/16',
    IPRange: '10.1.2.0/24',
    Gateway: '10.1.0.9',
    AuxiliaryAddresses: { a: '10.1.0.8' },
  }
  assert.deepEqual(wantedSubnet([pool]), {
    cidr: '10.1.0.0/16',
    gateway: '10.1.0.9',
    range: '10.1.2.0/24',
    auxiliary: { a: '10.1.0.8' },
    asked: true,
  })
})

const within = (more: object) => [{ Subnet: '10.1.0.0/16', ...more }]

for (const [what, pools, words] of [
  ['no range', [{ Subnet: '10.1.0.0/33' }], /invalid subnet 10\.1\.0\.0\/33: invalid CIDR block notation/],
  ['host bits', [{ Subnet: '10.1.0.1/16' }], /invalid subnet 10\.1\.0\.1\/16: it should be 10\.1\.0\.0\/16/],
  ['a quarter of the world', [{ Subnet: '64.0.0.0/2' }], /prefix length of 8/],
  ['a gateway alone', [{ Gateway: '10.1.0.1' }], /invalid subnet : invalid CIDR block notation/],
  [
    'a gateway outside',
    within({ Gateway: '10.2.0.1' }),
    /invalid gateway 10\.2\.0\.1: parent subnet .* doesn't contain/,
  ],
  ['a gateway that is none', within({ Gateway: 'router' }), /invalid gateway router: invalid address/],
  ['a bigger range', within({ IPRange: '10.0.0.0/8' }), /CIDR block is bigger than its parent subnet/],
  ['a range outside', within({ IPRange: '10.2.0.0/24' }), /doesn't contain ip-range/],
  ['another family', within({ IPRange: 'fd00::/64' }), /parent subnet is an IPv4 block/],
  ['an auxiliary address outside', within({ AuxiliaryAddresses: { a: '10.2.0.1' } }), /invalid auxiliary address a/],
] as const) {
  test(`wantedSubnets() refuses ${what}`, () => {
    assert.throws(() => wantedSubnet(pools), { code: 'invalid', message: words })
  })
}

test('everything that is wrong is told at once', () => {
  assert.throws(() => wantedSubnet(within({ Gateway: 'x', IPRange: 'y' })), /ip-range y.*\n.*gateway x/)
})

test('IPv6 counts where it is switched on, and only there', () => {
  const pools = [{ Subnet: '10.1.0.0/16' }, { Subnet: 'fd00:0::/64', Gateway: 'fd00::9' }]
  const both = wantedSubnets(pools, { ipv4: true, ipv6: true })
  assert.deepEqual(both.ipv6, { cidr: 'fd00::/64', gateway: 'fd00::9', asked: true })
  assert.equal(both.ipv4?.cidr, '10.1.0.0/16')
  assert.equal(wantedSubnets(pools, { ipv4: true, ipv6: false }).ipv6, undefined)
  assert.equal(wantedSubnets(pools, { ipv4: false, ipv6: true }).ipv4, undefined)
  assert.deepEqual(wantedSubnets([], { ipv4: true, ipv6: true }), { ipv4: {}, ipv6: {} })
})

test('wantedSubnets() refuses two of a family, which no bridge has', () => {
  const two = (second: string) => () => wantedSubnet([{ Subnet: '10.1.0.0/16' }, { Subnet: second }])
  assert.throws(two('10.2.0.0/16'), { code: 'forbidden', message: /doesn't support multiple subnets/ })
  assert.throws(two('10.1.2.0/24'), { code: 'forbidden', message: /Pool overlaps/ })
})
