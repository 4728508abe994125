import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostsFile, stepHostsFile } from './hosts-file.ts'

const standard = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

const lines = (...more: readonly string[]): string => [...standard, ...more, ''].join('\n')

test('the file is the one docker writes', () => {
  assert.equal(hostsFile({ hostname: '0123456789ab', addresses: ['172.17.0.2'] }), lines('172.17.0.2\t0123456789ab'))
})

test('a domain gives the full name first, and so does a dot in the hostname', () => {
  const full = lines('172.17.0.2\tweb.example.com web')
  assert.equal(hostsFile({ hostname: 'web', domainname: 'example.com', addresses: ['172.17.0.2'] }), full)
  assert.equal(hostsFile({ hostname: 'web.example.com', addresses: ['172.17.0.2'] }), full)
})

test('extra hosts come before the own name, and host-gateway is resolved', () => {
  const extraHosts = ['db:10.0.0.9', 'six:fd00::9', 'bracket:[fd00::a]', 'host:host-gateway']
  assert.equal(
    hostsFile({ hostname: 'web', addresses: ['172.17.0.2', 'fd00::2'], extraHosts, hostGateway: '172.17.0.1' }),
    lines('10.0.0.9\tdb', 'fd00::9\tsix', 'fd00::a\tbracket', '172.17.0.1\thost', '172.17.0.2\tweb', 'fd00::2\tweb'),
  )
})

test("without IPv6 its lines are left out; on the host's network the host's file takes their place", () => {
  assert.equal(
    hostsFile({ hostname: 'web', addresses: ['172.17.0.2'], ipv6: false }),
    '127.0.0.1\tlocalhost\n172.17.0.2\tweb\n',
  )
  assert.equal(
    hostsFile({ hostname: 'web', addresses: [], host: '127.0.0.1 localhost', extraHosts: ['db:10.0.0.9'] }),
    '127.0.0.1 localhost\n10.0.0.9\tdb\n',
  )
})

test('bad entries are refused, and nothing can be smuggled in as another line', () => {
  const refuse = (extraHosts: readonly string[], message: RegExp): void =>
    assert.throws(() => hostsFile({ hostname: 'web', addresses: [], extraHosts }), { code: 'invalid', message })
  refuse(['db'], /bad format for add-host: "db"/)
  refuse(['db:not-an-address'], /invalid IP address in add-host: "not-an-address"/)
  refuse(['a\n1.2.3.4\tb:10.0.0.1'], /bad format/)
  refuse(['db:host-gateway'], /unable to derive the IP value for host-gateway/)
  assert.throws(() => hostsFile({ hostname: 'web\n1.2.3.4\tbank.example', addresses: [] }), { code: 'invalid' })
})

test('a build step finds itself by its name', () => {
  assert.equal(
    stepHostsFile({ hostname: 'box', extraHosts: ['db:10.0.0.9', 'up:host-gateway'], hostGateway: '172.17.0.1' }),
    '127.0.0.1\tlocalhost box\n::1\tlocalhost ip6-localhost ip6-loopback\n10.0.0.9\tdb\n172.17.0.1\tup\n',
  )
})
