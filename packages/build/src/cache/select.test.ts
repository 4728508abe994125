import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCacheFilters } from './filter.ts'
import type { CacheRecord } from './record.ts'
import { bytesToKeep, type PruneLimits, selectToPrune } from './select.ts'

const record = (name: string, day: number, bytes: number, more: Partial<CacheRecord> = {}): CacheRecord => ({
  kind: 'regular',
  id: name.repeat(25).slice(0, 25),
  name,
  description: `layer ${name}`,
  bytes,
  createdAt: '2026-01-01T00:00:00.000Z',
  usedAt: `2026-01-0${day}T00:00:00.000Z`,
  inUse: false,
  shared: false,
  ...more,
})

const records = [
  record('c', 3, 30),
  record('a', 1, 10),
  record('s', 1, 1000, { shared: true }),
  record('m', 2, 20, { kind: 'exec.cachemount' }),
  record('u', 1, 5, { inUse: true }),
]

const chosen = (limits: PruneLimits, free = 0): string =>
  selectToPrune(records, limits, free)
    .map(({ name }) => name)
    .join('')

test('what was used least lately goes first; what is in use never does, and what images have only with all of it', () => {
  assert.equal(chosen({}), 'amc')
  assert.equal(chosen({ all: true }), 'asmc')
  assert.equal(chosen({ unusedSince: '2026-01-03T00:00:00.000Z' }), 'am')
})

test('sizes count what would be freed', () => {
  // 65 in all.
  assert.equal(chosen({ maxUsedSpace: 65 }), '')
  assert.equal(chosen({ maxUsedSpace: 60 }), 'a')
  assert.equal(chosen({ maxUsedSpace: 40 }), 'am')
  assert.equal(chosen({ reservedSpace: 50 }), 'am')
  assert.equal(chosen({ maxUsedSpace: 10, reservedSpace: 60 }), 'a')
  assert.equal(chosen({ minFreeSpace: 100 }, 200), '')
  assert.equal(chosen({ minFreeSpace: 100 }, 95), 'a')
  assert.equal(chosen({ minFreeSpace: 100, reservedSpace: 40 }, 0), 'am')
  assert.equal(bytesToKeep({ maxUsedSpace: 0, reservedSpace: 0, minFreeSpace: 0 }, 65, 0), undefined)
})

test('filters are containerd’s, and what is none is refused', () => {
  const filtered = (...filters: readonly string[]): string => chosen({ all: true, filter: parseCacheFilters(filters) })
  assert.equal(filtered('type==exec.cachemount'), 'm')
  assert.equal(filtered('type!=exec.cachemount,private'), 'ac')
  assert.equal(filtered('shared'), 's')
  assert.equal(filtered('shared==false,immutable'), 'ac')
  assert.equal(filtered('id~=^a'), 'a')
  assert.equal(filtered('id~=a', 'description~="layer c"'), 'ac')
  assert.equal(filtered(''), 'asmc')
  for (const bad of ['size==1', 'id', 'id~=(', '=', 'type'])
    assert.throws(() => parseCacheFilters([bad]), /invalid filter/)
})
