import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openHarbour } from '../testing/harbour.ts'
import { bootstrapImage } from './bootstrap.ts'

test('bootstrapImage() makes the same busybox twice', async () => {
  await using one = await openHarbour()
  await using two = await openHarbour()
  const first = await bootstrapImage(one.room, { name: 'busybox', report: one.report })
  const second = await bootstrapImage(two.room, { name: 'busybox:latest', report: two.report })
  assert.equal(first.id, second.id)
  assert.deepEqual(first.config.config?.Cmd, ['sh'])
  assert.equal((await one.room.store.resolve('busybox')).id, first.id)
})
