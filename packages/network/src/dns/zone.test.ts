import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lookup, Zone } from './zone.ts'

const A = 1
const PTR = 12
const AAAA = 28

const zoneOf = (): Zone => {
  const zone = new Zone()
  const on = (network: string, containerId: string, address: string, names: readonly string[]) =>
    zone.announce({ networkId: `id-${network}`, networkName: network, containerId, names, addresses: [address] })
  on('front', 'c1', '10.0.0.2', ['web', 'Www', 'c1c1c1c1c1c1'])
  on('front', 'c2', '10.0.0.3', ['app', 'service'])
  on('front', 'c3', '10.0.0.4', ['app2', 'service'])
  on('back', 'c2', '10.0.1.2', ['app', 'service'])
  on('back', 'c4', '10.0.1.3', ['db.primary'])
  return zone
}

const addresses = (...list: readonly string[]): Lookup => ({ kind: 'addresses', addresses: list })
const unknown: Lookup = { kind: 'unknown' }
const front = { networks: ['id-front'], links: {} }
const both = { networks: ['id-back', 'id-front'], links: { database: 'db.primary', gone: 'nobody' } }

const table: readonly [name: string, type: number, view: typeof front, expected: Lookup][] = [
  ['web', A, front, addresses('10.0.0.2')],
  ['www', A, front, addresses('10.0.0.2')],
  ['c1c1c1c1c1c1', A, front, addresses('10.0.0.2')],
  ['web.front', A, front, addresses('10.0.0.2')],
  ['web', AAAA, front, { kind: 'empty' }],
  ['web', 15, front, { kind: 'empty' }],
  ['web.back', A, front, unknown],
  ['db.primary', A, front, unknown],
  ['db.primary', A, both, addresses('10.0.1.3')],
  ['db.primary.back', A, both, addresses('10.0.1.3')],
  ['app', A, both, addresses('10.0.1.2')],
  ['app.front', A, both, addresses('10.0.0.3')],
  ['database', A, both, addresses('10.0.1.3')],
  ['database', A, front, unknown],
  ['gone', A, both, unknown],
  ['2.0.0.10.in-addr.arpa', PTR, front, { kind: 'name', name: 'web.front' }],
  ['3.1.0.10.in-addr.arpa', PTR, front, unknown],
  ['3.1.0.10.in-addr.arpa', PTR, both, { kind: 'name', name: 'db.primary.back' }],
  ['example.com', A, both, unknown],
  ['', A, both, unknown],
  ['constructor', A, front, unknown],
]

for (const [name, type, view, expected] of table) {
  test(`${name || 'the root'} (${type}) on ${view.networks.join(' and ')} is ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(zoneOf().lookup(view, { name, type }), expected)
  })
}

test('the containers of a service take turns in being first', () => {
  const zone = zoneOf()
  const ask = () => zone.lookup(front, { name: 'service', type: A })
  assert.deepEqual(ask(), addresses('10.0.0.3', '10.0.0.4'))
  assert.deepEqual(ask(), addresses('10.0.0.4', '10.0.0.3'))
  assert.deepEqual(ask(), addresses('10.0.0.3', '10.0.0.4'))
})

test('what is withdrawn is unknown at once, and leaves the others; a new name takes the old one’s place', () => {
  const zone = zoneOf()
  zone.withdraw('id-front', 'c3')
  zone.withdraw('id-front', 'c3')
  assert.deepEqual(zone.lookup(front, { name: 'app2', type: A }), unknown)
  assert.deepEqual(zone.lookup(front, { name: 'service', type: A }), addresses('10.0.0.3'))
  assert.deepEqual(zone.lookup(front, { name: '4.0.0.10.in-addr.arpa', type: PTR }), unknown)
  zone.announce({
    networkId: 'id-front',
    networkName: 'front',
    containerId: 'c1',
    names: ['net'],
    addresses: ['10.0.0.2'],
  })
  assert.deepEqual(zone.lookup(front, { name: 'web', type: A }), unknown)
  assert.deepEqual(zone.lookup(front, { name: 'net', type: A }), addresses('10.0.0.2'))
})
