import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { LogLines } from './log-lines.ts'
import { cutTo, screenLines, widthOf } from './screen.ts'
import { TerminalDisplay } from './terminal.ts'
import { Trace } from './trace.ts'

const at = (seconds: number) => ({ seconds: 1000 + seconds, nanos: 0 })
const vertex = (name: string, more: object = {}) => ({
  digest: name,
  inputs: [],
  name,
  cached: false,
  started: at(0),
  completed: undefined,
  error: '',
  progressGroup: undefined,
  ...more,
})
const log = (name: string, text: string) => ({ vertex: name, timestamp: at(0), stream: 1, msg: Buffer.from(text) })
const empty = { vertexes: [], statuses: [], logs: [], warnings: [] }

/** The lines of a frame, without what only moves the cursor or colours. */
const frameOf = (output: PassThrough): readonly string[] =>
  String(output.read() ?? '')
    .replace(/\u001b\[[?0-9;]*[a-zA-Z]|\r/g, '')
    .split('\n')
    .slice(0, -1)

const open = (rows: number) => {
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 60, rows })
  const trace = new Trace()
  const display = new TerminalDisplay({ trace, driver: 'docker', builder: 'default', colours: true }, output)
  return { output, trace, display }
}

test('steps, their time at the right, and the end of their output while they run', () => {
  const { output, trace, display } = open(20)
  trace.update({
    ...empty,
    vertexes: [
      vertex('[1/2] FROM x', { completed: at(2) }),
      vertex(`[2/2] RUN ${'long '.repeat(20)}`),
      { ...vertex('later'), started: undefined },
    ],
    logs: [log(`[2/2] RUN ${'long '.repeat(20)}`, 'one\n10%\r50%\r100%\n\u001b[31mred\u001b[0m\n')],
  })
  display.refresh()
  const frame = frameOf(output)
  assert.match(frame[0] ?? '', /^\[\+\] Building \d\.\ds \(1\/3\) {2,}docker:default$/)
  assert.match(frame[1] ?? '', /^ => \[1\/2\] FROM x {2,}2\.0s$/)
  assert.match(frame[2] ?? '', /^ => \[2\/2\] RUN long .* \d\.\ds$/)
  assert.deepEqual(frame.slice(3), [' => => # one', ' => => # 100%', ' => => # red'])
  assert.deepEqual(new Set(frame.slice(0, 3).map((line) => line.length)), new Set([59]))
})

test('no frame is higher than the screen, and what is at work stays in it', () => {
  const { output, trace, display } = open(6)
  const done = Array.from({ length: 10 }, (_, index) => vertex(`done ${index}`, { completed: at(1) }))
  trace.update({ ...empty, vertexes: [vertex('at work'), ...done], logs: [log('at work', 'a\nb\nc\n')] })
  display.refresh()
  const frame = frameOf(output)
  assert.equal(frame.length, 5)
  assert.match(frame[1] ?? '', /at work/)
  assert.match(frame[4] ?? '', /done 9/)
  display.finish()
  assert.equal(frameOf(output).length, 12)
})

test('a build that is over says so, and what it was of each step', () => {
  const { output, trace, display } = open(20)
  trace.update({
    ...empty,
    vertexes: [
      vertex('cached', { cached: true, completed: at(0) }),
      vertex('bad', { error: 'no', completed: at(0) }),
      vertex('stopped', { error: 'context canceled', completed: at(0) }),
    ],
  })
  display.finish()
  const frame = frameOf(output)
  assert.match(frame[0] ?? '', /\(3\/3\) FINISHED/)
  assert.match(frame[1] ?? '', /^ => CACHED cached/)
  assert.match(frame[2] ?? '', /^ => ERROR bad/)
  assert.match(frame[3] ?? '', /^ => CANCELED stopped/)
})

test('widths are counted in columns', () => {
  assert.equal(widthOf('漢字a'), 5)
  assert.equal(widthOf('e\u0301'), 1)
  assert.equal(cutTo('漢字', 3), '漢')
  const logs = new LogLines()
  logs.add(Buffer.from('\u001b]0;title\u0007x\ty\n\n \n'), 0)
  assert.deepEqual(screenLines(logs, 6, 80), ['x    y'])
})
