import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ipamPools } from './ipam-pools.ts'

const none = { subnets: [], ranges: [], gateways: [], auxiliary: {} }

test('each address goes to the subnet it lies in', () => {
  const pools = ipamPools({
    subnets: ['10.1.0.0/16', 'fd00::/64'],
    ranges: ['10.1.2.0/24'],
    gateways: ['fd00::1', '10.1.0.1'],
    auxiliary: { router: '10.1.0.9', printer: '10.1.0.8' },
  })
  assert.deepEqual(pools, [
    {
      Subnet: '10.1.0.0/16',
      IPRange: '10.1.2.0/24',
      Gateway: '10.1.0.1',
      AuxiliaryAddresses: { router: '10.1.0.9', printer: '10.1.0.8' },
    },
    { Subnet: 'fd00::/64', Gateway: 'fd00::1' },
  ])
  assert.deepEqual(ipamPools(none), [])
})

const subnets = ['10.1.0.0/16']

for (const [what, wanted, message] of [
  ['a gateway without a subnet', { gateways: ['10.1.0.1'] }, /must have a corresponding subnet/],
  ['a range outside', { subnets, ranges: ['10.2.0.0/24'] }, /no matching subnet for range 10\.2\.0\.0\/24/],
  ['two gateways', { subnets, gateways: ['10.1.0.1', '10.1.0.2'] }, /cannot configure multiple gateways/],
  ['an address that is none', { subnets, auxiliary: { a: 'web' } }, /no matching subnet for aux-address web/],
  ['a subnet that is none', { subnets: ['10.1.0.0'] }, /invalid CIDR address: 10\.1\.0\.0/],
] as const) {
  test(`ipamPools() refuses ${what}`, () => assert.throws(() => ipamPools({ ...none, ...wanted }), { message }))
}
