import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { fanOut } from './fan-out.ts'

const bytes = Buffer.from('all that glitters')

const letters = (onEnd = () => {}) =>
  (async function* () {
    try {
      for (const byte of bytes) yield Buffer.from([byte])
    } finally {
      onEnd()
    }
  })()

test('both readers get everything', async () => {
  const both = await Promise.all(fanOut(letters()).map((branch) => buffer(branch)))
  assert.deepEqual(both, [bytes, bytes])
})

test('the source is read no further than the slower reader has come', async () => {
  let read = 0
  const source = (async function* () {
    for (const byte of bytes) {
      read += 1
      yield Buffer.from([byte])
    }
  })()
  const [fast, slow] = fanOut(source).map((branch) => branch[Symbol.asyncIterator]())
  assert.ok(fast && slow)
  await slow.next()
  await fast.next()
  const ahead = fast.next()
  await new Promise(setImmediate)
  assert.equal(read, 1)
  await slow.next()
  await ahead
  assert.equal(read, 2)
})

test('one that leaves does not hold up the other, and the last one ends the source', async () => {
  let ended = 0
  const [first, second] = fanOut(letters(() => (ended += 1)))
  for await (const _ of first) break
  assert.equal(ended, 0)
  assert.deepEqual(await buffer(second), bytes)
  assert.equal(ended, 1)
})

test('one that never came can leave', async () => {
  const [first, second] = fanOut(letters())
  const all = buffer(second)
  await first.leave()
  assert.deepEqual(await all, bytes)
})

test('a source that fails fails both', async () => {
  const source = (async function* () {
    yield bytes
    throw new Error('cut')
  })()
  const results = await Promise.allSettled(fanOut(source).map((branch) => buffer(branch)))
  assert.deepEqual(
    results.map((result) => result.status === 'rejected' && (result.reason as Error).message),
    ['cut', 'cut'],
  )
})
