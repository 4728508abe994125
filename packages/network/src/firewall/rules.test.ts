import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iptablesRule, parseIptables } from './iptables-rules.ts'
import { forwardChains, readChain } from './nft-chains.ts'

const chainFor = (...lines: readonly string[]): string | undefined => parseIptables(lines.join('\n')).chain

test('accepts are needed in FORWARD where something drops all that is forwarded', () => {
  assert.equal(chainFor('-P FORWARD ACCEPT'), undefined)
  assert.equal(chainFor('-P FORWARD ACCEPT', '-A FORWARD -s 192.0.2.0/24 -j DROP'), undefined, 'only some of it')
  assert.equal(chainFor('-P FORWARD DROP'), 'FORWARD')
  assert.equal(chainFor('-P FORWARD ACCEPT', '-A FORWARD -j DROP'), 'FORWARD')
  assert.equal(chainFor('-P FORWARD ACCEPT', '-A FORWARD -j REJECT --reject-with icmp-host-prohibited'), 'FORWARD')
  assert.equal(chainFor('-P FORWARD ACCEPT', '-A FORWARD -m comment --comment "the end" -j DROP'), 'FORWARD')
})

test('DOCKER-USER is preferred, if packets get there', () => {
  assert.equal(chainFor('-P FORWARD DROP', '-N DOCKER-USER', '-A FORWARD -j DOCKER-USER'), 'DOCKER-USER')
  assert.equal(chainFor('-P FORWARD DROP', '-N DOCKER-USER'), 'FORWARD')
})

test('our own rules are known by their comment, whatever comes with them', () => {
  const { ours } = parseIptables(
    [
      '-A FORWARD -i swt0 -m comment --comment "slipway swt0" -j ACCEPT',
      '-A DOCKER-USER -o swt0 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT -m comment --comment "slipway swt0" -j ACCEPT',
      '-A FORWARD -i docker0 -j ACCEPT',
    ].join('\n'),
  )
  assert.deepEqual(ours, [
    { chain: 'FORWARD', bridge: 'swt0', direction: 'out' },
    { chain: 'DOCKER-USER', bridge: 'swt0', direction: 'in' },
  ])
})

test('what comes in is accepted only if it answers, or goes to a published port', () => {
  assert.match(iptablesRule('swt0', 'in').join(' '), /^-o swt0 -m conntrack --ctstate RELATED,ESTABLISHED,DNAT /)
  assert.match(iptablesRule('swt0', 'out').join(' '), /^-i swt0 -m comment /)
})

test('of the native chains, those at the forward hook matter', () => {
  const chain = (family: string, hook: string, type = 'filter') => ({
    chain: { family, table: 't', name: `${family}-${hook}`, handle: 1, type, hook, prio: 0, policy: 'drop' },
  })
  const answer = [
    { metainfo: {} },
    chain('inet', 'forward'),
    chain('ip', 'forward'),
    chain('ip6', 'forward'),
    chain('bridge', 'forward'),
    chain('ip', 'input'),
    chain('ip', 'forward', 'route'),
    { chain: { family: 'ip', table: 't', name: 'regular', handle: 9 } },
  ]
  assert.deepEqual(
    forwardChains(answer).map(({ name }) => name),
    ['inet-forward', 'ip-forward', 'ip6-forward'],
  )
})

test('a chain drops all when one of its rules does without a condition', () => {
  const rule = (...expr: readonly unknown[]) => ({ rule: { handle: 7, expr } })
  const match = { match: { op: '==', left: { meta: { key: 'iifname' } }, right: 'eth0' } }
  assert.equal(readChain([rule({ counter: {} }, { reject: {} })]).dropsAll, true)
  assert.equal(readChain([rule({ drop: null })]).dropsAll, true)
  assert.equal(readChain([rule(match, { drop: null })]).dropsAll, false)
  assert.equal(readChain([rule({ accept: null })]).dropsAll, false)
  assert.equal(readChain([]).dropsAll, false)
})
