import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import type { control } from '@slipway/buildkit/client'
import { failureTail, PlainDisplay } from './plain.ts'
import { Trace } from './trace.ts'

type Status = control.StatusMessage
type Told = { readonly [Part in keyof Status]?: readonly Partial<Status[Part][number]>[] }

const at = (seconds: number) => ({ seconds: 1000 + Math.floor(seconds), nanos: Math.round((seconds % 1) * 1e9) })

/** What a daemon tells, with the zero values that decoding would fill in. */
const status = ({ vertexes = [], statuses = [], logs = [], warnings = [] }: Told): Status => ({
  vertexes: vertexes.map((one) => ({
    digest: '',
    inputs: [],
    name: one.digest ?? '',
    cached: false,
    started: undefined,
    completed: undefined,
    error: '',
    progressGroup: undefined,
    ...one,
  })),
  statuses: statuses.map((one) => ({
    id: '',
    vertex: '',
    name: one.id ?? '',
    current: 0,
    total: 0,
    timestamp: undefined,
    started: undefined,
    completed: undefined,
    ...one,
  })),
  logs: logs.map((one) => ({ vertex: '', timestamp: undefined, stream: 1, msg: new Uint8Array(), ...one })),
  warnings: warnings.map((one) => ({
    vertex: '',
    level: 1,
    short: new Uint8Array(),
    detail: [],
    url: '',
    info: undefined,
    ranges: [],
    ...one,
  })),
})

const log = (vertex: string, text: string, seconds: number) => ({
  vertex,
  timestamp: at(seconds),
  msg: Buffer.from(text),
})

const show = (all: readonly Told[]): string => {
  const trace = new Trace()
  const output = new PassThrough()
  const display = new PlainDisplay({ trace, driver: 'docker', builder: 'default' }, output)
  for (const told of all) {
    trace.update(status(told))
    display.refresh()
  }
  display.finish()
  return `${output.read() ?? ''}${failureTail(trace.steps.values())}`
}

const head = '#0 building with "default" instance using docker driver\n'

test('a step with a part, and one from the cache', () => {
  const part = { id: 'transferring context:', vertex: 'a', started: at(0) }
  assert.equal(
    show([
      { vertexes: [{ digest: 'a', started: at(0) }], statuses: [{ ...part, timestamp: at(0) }] },
      { statuses: [{ ...part, current: 1_234_000, timestamp: at(0.3), completed: at(0.3) }] },
      { vertexes: [{ digest: 'a', started: at(0), completed: at(0.34) }] },
      { vertexes: [{ digest: 'b' }] },
      { vertexes: [{ digest: 'b', started: at(1), completed: at(1), cached: true }] },
    ]),
    `${head}\n#1 a\n#1 transferring context:\n#1 transferring context: 1.23MB 0.3s done\n#1 DONE 0.3s\n\n#2 b\n#2 CACHED\n`,
  )
})

test('output comes line by line; a line that goes on is finished where it began', () => {
  assert.equal(
    show([
      { vertexes: [{ digest: 'a', started: at(0) }], logs: [log('a', 'one\ntw', 0.5)] },
      { logs: [log('a', 'o', 0.6)] },
      { logs: [log('a', '\nthree', 12.345)] },
      { vertexes: [{ digest: 'a', started: at(0), completed: at(13) }] },
    ]),
    `${head}\n#1 a\n#1 0.500 one\n#1 0.500 two\n#1 12.35 three\n#1 DONE 13.0s\n`,
  )
})

test('another step waits for its turn while one is in front', () => {
  const text = show([
    { vertexes: [{ digest: 'a', started: at(0) }], logs: [log('a', 'one\n', 0)] },
    { vertexes: [{ digest: 'b', started: at(0) }], logs: [log('b', 'other\n', 0), log('a', 'two\n', 0)] },
    { vertexes: [{ digest: 'a', started: at(0), completed: at(1) }] },
    { vertexes: [{ digest: 'b', started: at(0), completed: at(1) }] },
  ])
  assert.equal(text, `${head}\n#1 a\n#1 0.000 one\n#1 0.000 two\n#1 DONE 1.0s\n\n#2 b\n#2 0.000 other\n#2 DONE 1.0s\n`)
})

test('one that ends behind the one in front interrupts it', () => {
  const text = show([
    { vertexes: [{ digest: 'a', started: at(0) }], logs: [log('a', 'one', 0)] },
    { vertexes: [{ digest: 'b', started: at(0), completed: at(0) }] },
    { logs: [log('a', ' more\n', 0)] },
    { vertexes: [{ digest: 'a', started: at(0), completed: at(1) }] },
  ])
  assert.equal(
    text,
    `${head}\n#1 a\n#1 0.000 one\n#1 ...\n\n#2 b\n#2 DONE 0.0s\n\n#1 a\n#1 0.000 one more\n#1 DONE 1.0s\n`,
  )
})

test('errors, what was cancelled, warnings, and the end of the output of what failed', () => {
  const lines = Array.from({ length: 12 }, (_, index) => `l${index}\n`).join('')
  const text = show([
    { vertexes: [{ digest: 'a', started: at(0) }], warnings: [{ vertex: 'a', short: Buffer.from('careful') }] },
    { logs: [log('a', lines, 0.1)] },
    { vertexes: [{ digest: 'a', started: at(0), completed: at(1), error: 'exit code: 7' }] },
    { vertexes: [{ digest: 'b', started: at(0), completed: at(1), error: 'context canceled' }] },
  ])
  assert.match(text, /^#1 WARN: careful$/m)
  assert.match(text, /^#1 ERROR: exit code: 7\n\n#2 b\n#2 CANCELED\n------\n > a:\n0\.100 l2\n/m)
  assert.match(text, /\n0\.100 l11\n------\n$/)
})
