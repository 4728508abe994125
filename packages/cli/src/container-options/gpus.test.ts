import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseGpus } from './gpus.ts'

const plain = { Driver: '', Count: 1, DeviceIDs: null, Capabilities: [['gpu']], Options: {} }

const rows: readonly (readonly [text: string, request: object])[] = [
  ['all', { Count: -1 }],
  ['-1', { Count: -1 }],
  ['count=all', { Count: -1 }],
  ['2', { Count: 2 }],
  ['driver=nvidia', { Driver: 'nvidia' }],
  ['device=GPU-3a', { Count: 0, DeviceIDs: ['GPU-3a'] }],
  ['"device=0,2"', { Count: 0, DeviceIDs: ['0', '2'] }],
  ['count=1,"capabilities=compute,utility"', { Capabilities: [['compute', 'utility', 'gpu']] }],
  ['driver=x,"options=a=b,c=d"', { Driver: 'x', Options: { a: 'b', c: 'd' } }],
]

test('parseGpus() reads what docker reads', () => {
  for (const [text, request] of rows) assert.deepEqual(parseGpus(text), { ...plain, ...request }, text)
})

const bad: readonly (readonly [text: string, message: string])[] = [
  ['', 'EOF'],
  ['x', 'invalid count (x): value must be either "all" or an integer: invalid syntax'],
  ['count=1.5', 'invalid count (1.5): value must be either "all" or an integer: invalid syntax'],
  [
    '99999999999999999999',
    'invalid count (99999999999999999999): value must be either "all" or an integer: value out of range',
  ],
  ['count=1,count=2', "gpu request key 'count' can be specified only once"],
  ['1,count=2', "gpu request key 'count' can be specified only once"],
  ['a=b', "unexpected key 'a' in 'a=b'"],
  ['constructor=1', "unexpected key 'constructor' in 'constructor=1'"],
]

test('parseGpus() says what is wrong in the words of docker', () => {
  for (const [text, message] of bad) assert.throws(() => parseGpus(text), { message }, text)
})
