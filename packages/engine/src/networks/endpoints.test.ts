import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Attachment } from '../containers/records.ts'
import { checkEndpoint, freeInterface, namesOf, wantedWayOut, wayOut } from './endpoints.ts'
import type { NetworkRecord } from './records.ts'

const networkNamed = (name: string, more: Partial<NetworkRecord> = {}): NetworkRecord => ({
  id: name.repeat(8),
  name,
  driver: 'bridge',
  subnets: [{ cidr: '10.1.0.0/24', gateway: '10.1.0.1', asked: true }],
  internal: false,
  attachable: false,
  options: {},
  labels: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
})

const attachmentOn = (network: string, interfaceName: string, priority?: number, gateway?: string): Attachment => ({
  network,
  endpointId: network,
  ...(priority === undefined ? {} : { priority }),
  endpoint: {
    networkId: network,
    interfaceName,
    hostInterfaceName: `veth-${network}`,
    addresses: ['10.1.0.2/24'],
    ...(gateway === undefined ? {} : { gateway }),
    macAddress: '02:42:0a:01:00:02',
  },
})

for (const [what, attachments, expected] of [
  ['the first by name', [attachmentOn('web', 'eth0', 0, '10.1.0.1'), attachmentOn('db', 'eth1', 0, '10.2.0.1')], 'db'],
  [
    'the highest priority',
    [attachmentOn('web', 'eth0', 2, '10.1.0.1'), attachmentOn('db', 'eth1', 1, '10.2.0.1')],
    'web',
  ],
  ['never an internal one', [attachmentOn('web', 'eth0', -1, '10.1.0.1'), attachmentOn('db', 'eth1', 5)], 'web'],
  ['nothing, where all are', [attachmentOn('db', 'eth0', 5)], undefined],
  ['old records without priority', [attachmentOn('bridge', 'eth0', undefined, '10.1.0.1')], 'bridge'],
] as const) {
  test(`the way out is ${what}`, () => assert.equal(wayOut(attachments, 'ipv4')?.network, expected))
}

test('each family has a way out of its own', () => {
  const db = attachmentOn('db', 'eth1', 0, '10.2.0.1')
  const web = attachmentOn('web', 'eth0', 0, '10.1.0.1')
  const attachments = [db, { ...web, endpoint: { ...web.endpoint, gateway6: 'fd00::1' } }]
  assert.deepEqual([wayOut(attachments, 'ipv4')?.network, wayOut(attachments, 'ipv6')?.network], ['db', 'web'])
})

test('the way out is known before the endpoints are made', () => {
  const [web, inner] = [networkNamed('web'), networkNamed('inner', { internal: true })]
  const wanted = [
    { network: inner, settings: { GwPriority: 9 } },
    { network: web, settings: {} },
  ]
  assert.equal(wantedWayOut(wanted, 'ipv4')?.network.name, 'web')
  assert.equal(wantedWayOut(wanted, 'ipv6'), undefined)
})

test('a new interface has the first number that is free', () => {
  assert.equal(freeInterface([]), 'eth0')
  assert.equal(freeInterface([attachmentOn('a', 'eth0'), attachmentOn('b', 'eth2')]), 'eth1')
})

test('a container is called by name, alias, short id and host name, each once', () => {
  const container = { id: 'a'.repeat(64), name: 'web', hostname: 'a'.repeat(12) }
  assert.deepEqual(namesOf(container, { Aliases: ['www', 'web'] }), ['web', 'www', 'a'.repeat(12)])
})

for (const [what, network, settings, words] of [
  [
    'an address on the default bridge',
    networkNamed('bridge'),
    { IPAMConfig: { IPv4Address: '10.1.0.5' } },
    /user defined networks only/,
  ],
  [
    'an address in a subnet that nobody asked for',
    networkNamed('web', { subnets: [{ cidr: '10.1.0.0/24', gateway: '10.1.0.1' }] }),
    { IPAMConfig: { IPv4Address: '10.1.0.5' } },
    /user configured subnets/,
  ],
  [
    'an address outside',
    networkNamed('web'),
    { IPAMConfig: { IPv4Address: '10.2.0.5' } },
    /no configured subnet or ip-range contain/,
  ],
  ['an address that is none', networkNamed('web'), { IPAMConfig: { IPv4Address: '10.1.0' } }, /invalid IPv4 address/],
  ['an alias on the default bridge', networkNamed('bridge'), { Aliases: ['a'] }, /network-scoped alias/],
  ['an alias with spaces', networkNamed('web'), { Aliases: ['a b'] }, /invalid alias/],
  ['a MAC address that is none', networkNamed('web'), { MacAddress: '02:42' }, /invalid MAC address/],
] as const) {
  test(`checkEndpoint() refuses ${what}`, () => {
    assert.throws(() => checkEndpoint({ network, settings }), { code: 'invalid', message: words })
  })
}

test('checkEndpoint() takes what can be', () => {
  const settings = { IPAMConfig: { IPv4Address: '10.1.0.5' }, Aliases: ['db'], MacAddress: '02-42-00-00-00-01' }
  checkEndpoint({ network: networkNamed('web'), settings })
})
