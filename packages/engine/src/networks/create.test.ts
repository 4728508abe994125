import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readState } from '../containers/records.ts'
import { wantedNetwork } from './create.ts'

test('wantedNetwork() reads what compose sends', () => {
  const { network, subnets } = wantedNetwork({
    Name: 'shop_default',
    Driver: 'bridge',
    Labels: { 'com.docker.compose.project': 'shop' },
    IPAM: {},
    EnableIPv6: false,
  })
  assert.equal(network.name, 'shop_default')
  assert.match(network.id, /^[0-9a-f]{64}$/)
  assert.deepEqual([network.internal, network.attachable, network.options], [false, false, {}])
  assert.deepEqual(subnets, { ipv4: {}, ipv6: undefined })
})

const icc = 'com.docker.network.bridge.enable_icc'

for (const [what, body, code, words] of [
  ['no body', undefined, 'invalid', /name is empty/],
  ['no name', { Name: ' ' }, 'invalid', /name is empty/],
  ['a name with a slash', { Name: 'a/b' }, 'invalid', /invalid name/],
  ['a predefined name', { Name: 'host' }, 'forbidden', /not permitted on predefined host network/],
  ['the host driver', { Name: 'ab', Driver: 'host' }, 'forbidden', /only one instance of "host" network/],
  ['a macvlan on the loopback', { Name: 'ab', Driver: 'macvlan', Options: { parent: 'lo' } }, 'invalid', /loopback/],
  [
    'a macvlan mode that is none',
    { Name: 'ab', Driver: 'macvlan', Options: { macvlan_mode: 'x' } },
    'invalid',
    /requested macvlan mode 'x' is not valid, 'bridge' mode is the macvlan driver default/,
  ],
  ['an unknown driver', { Name: 'ab', Driver: 'weave' }, 'not-found', /plugin "weave" not found/],
  ['a network of no family', { Name: 'ab', EnableIPv4: false }, 'invalid', /IPv4 or IPv6 must be enabled/],
  ['another scope', { Name: 'ab', Scope: 'swarm' }, 'forbidden', /swarm is not active/],
  ['an option that is no switch', { Name: 'ab', Options: { [icc]: 'maybe' } }, 'invalid', /failed to parse/],
  [
    'an MTU that is none',
    { Name: 'ab', Options: { 'com.docker.network.driver.mtu': 'big' } },
    'invalid',
    /driver\.mtu value: big/,
  ],
  [
    'a long bridge name',
    { Name: 'ab', Options: { 'com.docker.network.bridge.name': 'b'.repeat(16) } },
    'invalid',
    /bridge name/,
  ],
] as const) {
  test(`wantedNetwork() refuses ${what}`, () => {
    assert.throws(() => wantedNetwork(body), { code, message: words })
  })
}

test('a state that was stored when a container had one network is read as a list of one', () => {
  const attachment = { network: 'bridge', endpointId: 'e', endpoint: {} }
  const old = JSON.stringify({ status: 'running', pid: 7, netns: '/n', attachment, ports: [] })
  assert.deepEqual(readState(old).attachments, [attachment])
  assert.ok(!('attachment' in readState(old)))
  assert.deepEqual(readState(JSON.stringify({ status: 'created', pid: 0, ports: [] })).attachments, [])
  const now = JSON.stringify({ status: 'running', attachments: [attachment, attachment] })
  assert.equal(readState(now).attachments.length, 2)
})
