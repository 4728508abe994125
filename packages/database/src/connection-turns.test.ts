import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { ConnectionTurns } from './connection-turns.ts'

test('turns come in the order in which they were asked for', async () => {
  const turns = new ConnectionTurns(1, 60_000)
  await turns.take()
  const order: number[] = []
  const all = [1, 2, 3].map(async (at) => {
    await turns.take()
    order.push(at)
    turns.give()
  })
  turns.give()
  await Promise.all(all)
  assert.deepEqual(order, [1, 2, 3])
})

test('whoever waits too long is sent away, and takes no turn from the others', async () => {
  const turns = new ConnectionTurns(1, 5)
  await turns.take()
  await assert.rejects(turns.take(), (error) => hasCode(error, 'unavailable'))
  turns.give()
  await turns.take()
})
