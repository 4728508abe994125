import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { piecesOf } from './pieces.ts'

/** A stream into which everything is pushed at once. */
const full = (pieces: readonly string[]): Readable => {
  const stream = new Readable({ read() {} })
  for (const piece of pieces) stream.push(piece)
  return stream
}

test('piecesOf() gives each piece by itself, also when all were there before', async () => {
  const stream = full(['a', 'bc', 'd'])
  stream.push(null)
  const pieces = []
  for await (const piece of piecesOf(stream)) {
    pieces.push(Buffer.from(piece).toString())
    await turn()
  }
  assert.deepEqual(pieces, ['a', 'bc', 'd'])
})

test('what breaks the stream breaks piecesOf(), after what came before', async () => {
  const stream = full(['a'])
  const pieces = piecesOf(stream)
  assert.equal(Buffer.from((await pieces.next()).value ?? []).toString(), 'a')
  stream.destroy(new Error('cut'))
  await assert.rejects(pieces.next(), { message: 'cut' })
})

test('who leaves piecesOf() early destroys the stream', async () => {
  const stream = full(['a', 'b'])
  for await (const _ of piecesOf(stream)) break
  assert.ok(stream.destroyed)
})
