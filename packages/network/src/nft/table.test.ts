import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapChange } from './elements.ts'
import { checkBridgeName, networkScript, type PublishedElement, removeScript, replaceScript } from './table.ts'

const element: PublishedElement = {
  protocol: 'tcp',
  hostIp: '0.0.0.0',
  hostPort: 8080,
  address: '172.17.0.2',
  containerPort: 80,
}

test('elements are grouped by map', () => {
  const all = [element, { ...element, protocol: 'udp', hostPort: 53 } as const, { ...element, hostIp: '127.0.0.1' }]
  assert.deepEqual(
    replaceScript('swt0', all)
      .split('\n')
      .filter((line) => line.startsWith('add element')),
    [
      'add element ip swt0 published { tcp . 8080 : 172.17.0.2 . 80, udp . 53 : 172.17.0.2 . 80 }',
      'add element ip swt0 published_at { 127.0.0.1 . tcp . 8080 : 172.17.0.2 . 80 }',
    ],
  )
})

test('replacing flushes and fills the maps in one script', () => {
  const script = replaceScript('swt0', [element])
  assert.match(script, /^add table ip swt0\n/)
  assert.ok(script.indexOf('flush map ip swt0 published\n') < script.indexOf('add element'))
  assert.equal(replaceScript('swt0', []).includes('element'), false)
})

test("the network's script never flushes the user's chain, and jumps to it first", () => {
  const network = {
    bridge: 'swt0',
    subnets: ['172.17.0.0/16'],
    gateways: ['172.17.0.1'],
    internal: false,
    masquerade: true,
  }
  const script = networkScript(network)
  assert.doesNotMatch(script, /flush chain ip swt0 user/)
  assert.equal(/add rule ip swt0 forward (.*)/.exec(script)?.[1], 'jump user')
  assert.match(script, /iifname "swt0" ip saddr 172\.17\.0\.0\/16 oifname != "swt0" masquerade/)
  assert.doesNotMatch(networkScript({ ...network, masquerade: false }), /oifname != "swt0" masquerade/)
  assert.match(networkScript({ ...network, internal: true }), /iifname "swt0" oifname != "swt0" drop/)
})

test('nothing unchecked gets into a script', () => {
  for (const bad of [
    { hostIp: '1.2.3.4 }' },
    { address: 'web' },
    { hostPort: 0 },
    { containerPort: 65536 },
    { hostPort: 1.5 },
  ]) {
    assert.throws(() => replaceScript('swt0', [{ ...element, ...bad }]), { code: 'invalid' })
    assert.throws(() => mapChange('swt0', { removed: [], added: [{ ...element, ...bad }] }), { code: 'invalid' })
  }
  for (const name of ['', '0swt', 'a'.repeat(32), 'a b', 'a;flush ruleset', 'a"']) {
    assert.throws(() => checkBridgeName(name), { code: 'invalid' }, name)
    assert.throws(() => removeScript(name), { code: 'invalid' }, name)
  }
  assert.throws(() => checkBridgeName('a'.repeat(16)), { code: 'invalid' })
})
