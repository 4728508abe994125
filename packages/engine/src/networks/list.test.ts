import assert from 'node:assert/strict'
import { test } from 'node:test'
import { filterNetworks } from './list.ts'
import type { NetworkRecord } from './records.ts'

const networks: readonly NetworkRecord[] = (
  [
    ['bridge', 'bridge'],
    ['host', 'host'],
    ['none', 'null'],
    ['shop_front', 'bridge'],
    ['shop_back', 'bridge'],
  ] as const
).map(([name, driver], index) => ({
  id: `${index}`.repeat(64),
  name,
  driver,
  subnets: [],
  internal: false,
  attachable: false,
  options: {},
  labels: name.startsWith('shop') ? { project: 'shop', tier: name.slice(5) } : {},
  createdAt: '2026-01-01T00:00:00.000Z',
}))

const list = (filters: Readonly<Record<string, readonly string[]>>) =>
  filterNetworks(networks, new Map(Object.entries(filters)), ({ name }) => name === 'shop_front').map(
    ({ name }) => name,
  )

for (const [filters, expected] of [
  [{}, ['bridge', 'host', 'none', 'shop_front', 'shop_back']],
  [{ name: ['front'] }, ['shop_front']],
  [{ name: ['^shop_b', 'host'] }, ['host', 'shop_back']],
  [{ name: ['(('] }, []],
  [{ name: ['(a+)+$'] }, []],
  [{ id: ['333'] }, ['shop_front']],
  [{ driver: ['null'] }, ['none']],
  [{ type: ['custom'] }, ['shop_front', 'shop_back']],
  [{ type: ['builtin'] }, ['bridge', 'host', 'none']],
  [{ scope: ['swarm'] }, []],
  [{ label: ['project'] }, ['shop_front', 'shop_back']],
  [{ label: ['project=shop', 'tier=back'] }, ['shop_back']],
  [{ dangling: ['true'] }, ['shop_back']],
  [{ dangling: ['false'] }, ['bridge', 'host', 'none', 'shop_front']],
  [{ type: ['custom'], dangling: ['0'] }, ['shop_front']],
] as const) {
  test(`filters ${JSON.stringify(filters)} leave ${expected.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(list(filters), expected)
  })
}

test('a type or a switch that is none is refused', () => {
  assert.throws(() => list({ type: ['big'] }), { code: 'invalid' })
  assert.throws(() => list({ dangling: ['perhaps'] }), { code: 'invalid' })
})
