import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alone } from './alone.js'

test('alone() lets one at a time work on a checkout, and gives way when one fails', async () => {
  const root = `/nowhere/${process.pid}`
  const order = /** @type {string[]} */ ([])
  const { promise: mayEnd, resolve: end } = /** @type {PromiseWithResolvers<void>} */ (Promise.withResolvers())
  const first = alone(root, async () => {
    order.push('first begins')
    await mayEnd
    order.push('first ends')
    throw new Error('it failed')
  })
  const second = alone(root, async () => void order.push('second'))
  setTimeout(end, 50)
  await assert.rejects(first, /it failed/)
  await second
  assert.deepEqual(order, ['first begins', 'first ends', 'second'])
})
