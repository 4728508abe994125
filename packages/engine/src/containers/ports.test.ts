import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePortKey, portMap, portSummaries, wantedMappings } from './ports.ts'

test('wantedMappings() leaves address and port open for -p 8080', () => {
  const wanted = wantedMappings({}, { PortBindings: { '8080/tcp': [{ HostIp: '', HostPort: '' }] } })
  assert.deepEqual(wanted, [{ protocol: 'tcp', containerPort: 8080, hostIp: '', hostPort: 0 }])
})

test('wantedMappings() takes a range of host ports to choose from', () => {
  const [wanted] = wantedMappings({}, { PortBindings: { '80/tcp': [{ HostPort: '8000-8010' }] } })
  assert.deepEqual([wanted?.hostPort, wanted?.lastHostPort], [8000, 8010])
})

test('wantedMappings() publishes every exposed port with -P, and each only once', () => {
  const wanted = wantedMappings(
    { ExposedPorts: { '80/tcp': {}, '53/udp': {} } },
    { PublishAllPorts: true, PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }] } },
  )
  assert.deepEqual(
    wanted.map(({ hostIp, hostPort, containerPort }) => [hostIp, hostPort, containerPort]),
    [
      ['127.0.0.1', 8080, 80],
      ['', 0, 53],
    ],
  )
})

for (const key of ['0/tcp', '70000', 'http', '80/icmp', '80-90/tcp', '']) {
  test(`parsePortKey() refuses ${JSON.stringify(key)}`, () => {
    assert.throws(() => parsePortKey(key), { code: 'invalid' })
  })
}

test('a host port that is none is refused', () => {
  for (const HostPort of ['x', '99999', '-1', '1-', '9-8', '1-2-3']) {
    assert.throws(() => wantedMappings({}, { PortBindings: { '80/tcp': [{ HostPort }] } }), { code: 'invalid' })
  }
  assert.throws(() => wantedMappings({}, { PortBindings: { '80/tcp': [{ HostIp: 'localhost' }] } }), {
    code: 'invalid',
  })
})

test('portMap() and portSummaries() show exposed ports that are not published as such', () => {
  const exposed = { '80/tcp': {}, '443/tcp': {} }
  const mappings = [{ protocol: 'tcp', containerPort: 80, hostIp: '0.0.0.0', hostPort: 32768 }] as const
  assert.deepEqual(portMap(exposed, mappings), {
    '443/tcp': null,
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '32768' }],
  })
  assert.deepEqual(portSummaries(exposed, mappings), [
    { PrivatePort: 443, Type: 'tcp' },
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 32768, Type: 'tcp' },
  ])
})
