import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeAnswer, encodeFailure, isAnswerTo, parseQuery, type Query, rcode, rcodeOf } from './message.ts'

/** A query as a resolver writes it. */
const queryFor = (name: string, type = 1, { flags = 0x0100, extra = '' } = {}): Buffer => {
  const labels = name.split('.').filter(Boolean)
  const text = Buffer.concat([...labels.map((label) => Buffer.from(`\0${label}`)), Buffer.alloc(1)])
  let at = 0
  for (const label of labels) {
    text[at] = label.length
    at += label.length + 1
  }
  const head = Buffer.alloc(12)
  head.writeUInt16BE(0xbeef, 0)
  head.writeUInt16BE(flags, 2)
  head.writeUInt16BE(1, 4)
  const tail = Buffer.alloc(4)
  tail.writeUInt16BE(type, 0)
  tail.writeUInt16BE(1, 2)
  return Buffer.concat([head, text, tail, Buffer.from(extra)])
}

const parsed = (message: Buffer): Query => {
  const result = parseQuery(message)
  assert.ok(result !== undefined && 'query' in result)
  return result.query
}

test('a query is read, in lower case, up to the end of its question', () => {
  const message = queryFor('Web.Front', 28, { extra: 'what follows is for others' })
  assert.deepEqual(parsed(message), { id: 0xbeef, name: 'web.front', type: 28, end: 12 + 11 + 4 })
  assert.equal(parsed(queryFor('')).name, '')
})

test('a name that no container can have is for others', () => {
  assert.equal(parsed(queryFor('a\u0001b')).name, undefined)
  assert.equal(parsed(queryFor('a b')).name, undefined)
})

const header = (flags: number, questions: number): Buffer => {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt16BE(flags, 2)
  bytes.writeUInt16BE(questions, 4)
  return bytes
}

const bad: readonly [what: string, message: Buffer, expected: ReturnType<typeof parseQuery>][] = [
  ['too short', Buffer.alloc(11), undefined],
  ['an answer', queryFor('web', 1, { flags: 0x8180 }), undefined],
  ['an update', queryFor('web', 1, { flags: 0x2800 }), { rcode: rcode.notImplemented }],
  ['no question', header(0x0100, 0), { rcode: rcode.malformed }],
  ['two questions', header(0x0100, 2), { rcode: rcode.malformed }],
  ['a question that is cut off', queryFor('web').subarray(0, -3), { rcode: rcode.malformed }],
  ['a pointer', Buffer.concat([header(0x0100, 1), Buffer.of(0xc0, 12, 0, 1, 0, 1)]), { rcode: rcode.malformed }],
  ['a name without end', Buffer.concat([header(0x0100, 1), Buffer.alloc(400, 1)]), { rcode: rcode.malformed }],
]

for (const [what, message, expected] of bad) {
  test(`parseQuery() of ${what} is ${JSON.stringify(expected)}`, () => assert.deepEqual(parseQuery(message), expected))
}

test('an answer repeats id and question, and points each record to it', () => {
  const message = queryFor('web')
  const query = parsed(message)
  const answer = encodeAnswer(message, query, [{ type: 1, address: '10.1.2.3' }], { limit: 512, ttl: 600 })
  assert.ok(isAnswerTo(message, answer, query))
  assert.equal(answer.readUInt16BE(2), 0x8180)
  assert.deepEqual([...answer.subarray(query.end)], [0xc0, 12, 0, 1, 0, 1, 0, 0, 2, 0x58, 0, 4, 10, 1, 2, 3])
})

test('an answer that does not fit says so, and holds what fits', () => {
  const message = queryFor('web')
  const query = parsed(message)
  const records = Array.from({ length: 40 }, (_, index) => ({ type: 1, address: `10.0.0.${index}` }) as const)
  const answer = encodeAnswer(message, query, records, { limit: 512, ttl: 600 })
  assert.ok(answer.length <= 512)
  assert.equal(answer.readUInt16BE(2) & 0x0200, 0x0200)
  assert.equal(answer.readUInt16BE(6), Math.floor((512 - query.end) / 16))
  const whole = encodeAnswer(message, query, records, { limit: 65535, ttl: 600 })
  assert.equal(whole.readUInt16BE(6), 40)
})

test('an answer to something else is none', () => {
  const message = queryFor('web')
  const query = parsed(message)
  const answer = encodeFailure(message, rcode.unknownName, query)
  assert.equal(rcodeOf(answer), rcode.unknownName)
  assert.ok(isAnswerTo(message, answer, query))
  assert.ok(!isAnswerTo(message, message, query), 'a query')
  assert.ok(!isAnswerTo(message, encodeFailure(queryFor('app'), 0, query), query), 'another name')
  assert.ok(!isAnswerTo(message, answer.subarray(0, 8), query), 'cut off')
  const other = Buffer.from(answer)
  other.writeUInt16BE(1, 0)
  assert.ok(!isAnswerTo(message, other, query), 'another id')
})

test('whatever comes in, parsing and refusing never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const message = Buffer.from(bytes)
      const result = parseQuery(message)
      if (result !== undefined && 'rcode' in result) encodeFailure(message, result.rcode)
      if (result !== undefined && 'query' in result) encodeAnswer(message, result.query, [], { limit: 512, ttl: 1 })
    }),
  )
})
