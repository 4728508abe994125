import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chooseSubnet, defaultSubnetPools } from './choose-subnet.ts'
import { parseRoutes, parseRoutes6 } from './host-subnets.ts'
import { macAddressFor } from './mac-address.ts'

test("subnets come in docker's order", () => {
  const inUse: string[] = []
  const chosen = Array.from({ length: 31 }, () => {
    const subnet = chooseSubnet({ inUse })
    inUse.push(subnet)
    return subnet
  })
  assert.deepEqual(chosen.slice(0, 3), ['172.17.0.0/16', '172.18.0.0/16', '172.19.0.0/16'])
  assert.deepEqual(chosen.slice(14, 17), ['172.31.0.0/16', '192.168.0.0/20', '192.168.16.0/20'])
  assert.equal(chosen.at(-1), '192.168.240.0/20')
  assert.throws(() => chooseSubnet({ inUse }), {
    code: 'unavailable',
    message: 'all predefined address pools have been fully subnetted',
  })
})

test('what the host uses is stepped over', () => {
  assert.equal(chooseSubnet({ inUse: ['172.17.4.0/24', '172.18.0.1/32'] }), '172.19.0.0/16')
  assert.equal(chooseSubnet({ inUse: ['172.16.0.0/12', '192.168.1.0/24'] }), '192.168.16.0/20')
})

test('an IPv6 pool of very many subnets is searched at once', () => {
  const pools = [{ base: 'fd00::/8', size: 64 }]
  assert.equal(chooseSubnet({ pools, inUse: ['fd00::/9'] }), 'fd80::/64')
  assert.equal(
    chooseSubnet({ pools, inUse: ['fd00::/64', ...defaultSubnetPools.map(({ base }) => base)] }),
    'fd00:0:0:1::/64',
  )
})

test("the kernel's routes are read without the default one", () => {
  const text = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
    'tun0\t000010AC\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0',
    '',
  ].join('\n')
  assert.deepEqual(parseRoutes(text), [
    { link: 'eth0', cidr: '192.0.2.0/24' },
    { link: 'tun0', cidr: '172.16.0.0/12' },
  ])
})

test('a MAC address is made of the IPv4 address', () => {
  assert.equal(macAddressFor('172.17.0.2'), '02:42:ac:11:00:02')
  assert.match(macAddressFor('fd00::2'), /^02:42(?::[0-9a-f]{2}){4}$/)
})

test("the host's IPv6 routes are read, without those that every link has", () => {
  const rest = `${'0'.repeat(32)} 00 ${'0'.repeat(32)} 00000100 00000001 00000000 00000001`
  const route = (first: string, prefix: string, link: string): string =>
    `${first.padEnd(32, '0')} ${prefix} ${rest} ${link}`
  const text = [
    route('fd0012', '30', 'eth0'),
    route('fe80', '40', 'eth0'),
    route('ff', '08', 'eth0'),
    route('', '00', 'lo'),
    '',
  ].join('\n')
  assert.deepEqual(parseRoutes6(text), [{ link: 'eth0', cidr: 'fd00:1200::/48' }])
})
