import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeFrame, MessageCutter } from './frame.ts'

const cut = (bytes: Buffer, size: number, most = 1 << 20): readonly string[] => {
  const messages: string[] = []
  const cutter = new MessageCutter(most, (part, start, end) => void messages.push(part.toString('utf8', start, end)))
  for (let at = 0; at < bytes.length; at += size) cutter.push(bytes, at, Math.min(at + size, bytes.length))
  return messages
}

const large = 'x'.repeat(300_000)
const texts = ['', 'a', '', 'four', large, '', 'the end']
const bytes = Buffer.concat(texts.map((text) => encodeFrame(Buffer.from(text))))

test('MessageCutter gives the messages, wherever what comes is cut', () => {
  for (const size of [1, 2, 3, 4, 5, 6, 7, 9, 11, 1000, 150_000, bytes.length])
    assert.deepEqual(cut(bytes, size), texts)
})

test('MessageCutter refuses what is too large before it has come, and what is compressed', () => {
  const code = (expected: string) => (error: unknown) => (error as { readonly code: string }).code === expected
  const head = encodeFrame(Buffer.alloc(11)).subarray(0, 5)
  for (const size of [1, 5]) assert.throws(() => cut(head, size, 10), code('too-large'))
  assert.deepEqual(cut(head, 5, 11), [])
  assert.throws(() => cut(Buffer.from([1, 0, 0, 0, 0]), 5), code('unsupported'))
})
