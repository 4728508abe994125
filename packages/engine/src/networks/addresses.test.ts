import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NetworkAddresses } from './addresses.ts'
import type { NetworkRecord } from './records.ts'

const bridge: NetworkRecord = {
  id: 'b'.repeat(64),
  name: 'bridge',
  driver: 'bridge',
  subnets: [{ cidr: '10.1.0.0/24', gateway: '10.1.0.1', asked: true }],
  internal: false,
  attachable: false,
  options: {},
  labels: {},
  createdAt: '2026-01-01T00:00:00.000Z',
}

test('addresses in use are not given again', () => {
  const addresses = new NetworkAddresses()
  addresses.add(bridge, ['10.1.0.2'])
  assert.deepEqual(addresses.take(bridge), ['10.1.0.3/24'])
})

test('an address of a subnet that the network had before --bip changed is in nobody’s way', () => {
  const addresses = new NetworkAddresses()
  addresses.add(bridge, ['10.248.184.2', 'fd00::2'])
  assert.deepEqual(addresses.take(bridge), ['10.1.0.2/24'])
  addresses.release(bridge.id, '10.248.184.2/24')
})
