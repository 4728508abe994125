import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference } from '@slipway/core'
import { checkImages } from './check.ts'
import { Collector } from './collect.ts'
import { openHarbour, seedImage } from './testing/harbour.ts'
import { deeds, saved } from './testing/life.ts'

const { signal } = new AbortController()

test('load, import, save, remove and collect beside one another leave nothing broken and nothing over', async () => {
  await using from = await openHarbour()
  await seedImage(from, parseReference('one:1'), { shared: 'x' })
  await seedImage(from, parseReference('two:2'), { shared: 'x' }, ['ENV A=b'])
  const archive = await saved(from, ['one:1', 'two:2'])
  await using harbour = await openHarbour()
  const workers = deeds.map(async (deed) => {
    for (let turn = 1; turn <= 8; turn += 1) await deed(harbour, archive, turn)
  })
  await Promise.all(workers)
  await harbour.room.collector.collect()
  const { Findings, Images } = await checkImages(harbour.room, { repair: false, needed: [], signal })
  assert.deepEqual(Findings, [])
  assert.ok(Images >= 1)
})

test('what a root names stays, with all that it stands on', async () => {
  await using harbour = await openHarbour()
  const { chainId = '', id } = await seedImage(harbour, parseReference('one:1'))
  const collector = new Collector(harbour.room.store, [() => [{ kind: 'snapshot' as const, name: chainId }]])
  await harbour.room.store.forget(id)
  assert.deepEqual((await collector.collect()).snapshots, [])
  assert.deepEqual((await harbour.room.collector.collect()).snapshots, [chainId])
})
