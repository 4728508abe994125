import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BuildEvent } from '@slipway/build'
import { digestOf, SlipwayError } from '@slipway/core'
import { type ClassicMessage, ClassicRenderer, describeError } from './classic.ts'

const id = (text: string) => digestOf(text)
const short = (text: string): string => id(text).slice('sha256:'.length, 'sha256:'.length + 12)
const container = 'c0ffee'.repeat(11).slice(0, 64)
const output = (step: number, text: string, stream: 'stdout' | 'stderr' = 'stdout'): BuildEvent => ({
  kind: 'output',
  step,
  stream,
  bytes: Buffer.from(text),
})

const render = (
  events: readonly BuildEvent[],
  options: { quiet?: boolean; remove?: boolean; forceRemove?: boolean } = {},
) => {
  const messages: ClassicMessage[] = []
  const renderer = new ClassicRenderer({
    quiet: false,
    remove: true,
    forceRemove: false,
    ...options,
    send: (message) => void messages.push(message),
  })
  for (const event of events) void renderer.handle(event)
  return { renderer, messages }
}

const textOf = (messages: readonly ClassicMessage[]): string =>
  messages.map((message) => ('stream' in message ? message.stream : '')).join('')

test('a build is told in the words of the classic builder', () => {
  const { renderer, messages } = render([
    { kind: 'planned', total: 3 },
    { kind: 'started', step: 1, text: 'FROM busybox' },
    { kind: 'finished', step: 1, cached: false, imageId: id('base') },
    { kind: 'started', step: 2, text: 'RUN make' },
    { kind: 'running', step: 2, id: container },
    output(2, 'made\n'),
    output(2, 'warned\n', 'stderr'),
    { kind: 'finished', step: 2, cached: false, imageId: id('run') },
    { kind: 'started', step: 3, text: 'CMD x' },
    { kind: 'finished', step: 3, cached: true, imageId: id('cmd') },
    { kind: 'warning', text: 'One or more build-args [X] were not consumed' },
  ])
  renderer.succeed(
    { id: id('cmd'), config: { architecture: 'a', os: 'b', rootfs: { type: 'layers', diff_ids: [] } } },
    ['user/web:v1'],
  )
  assert.deepEqual(messages.slice(0, 3), [
    { stream: 'Step 1/3 : FROM busybox' },
    { stream: '\n' },
    { stream: ` ---> ${short('base')}\n` },
  ])
  assert.equal(
    textOf(messages),
    [
      'Step 1/3 : FROM busybox',
      ` ---> ${short('base')}`,
      'Step 2/3 : RUN make',
      ' ---> Running in c0ffeec0ffee',
      'made',
      '\u001b[91mwarned',
      '\u001b[0m ---> Removed intermediate container c0ffeec0ffee',
      ` ---> ${short('run')}`,
      'Step 3/3 : CMD x',
      ' ---> Using cache',
      ` ---> ${short('cmd')}`,
      '[Warning] One or more build-args [X] were not consumed',
      `Successfully built ${short('cmd')}`,
      'Successfully tagged user/web:v1',
      '',
    ].join('\n'),
  )
  assert.ok(messages.some((message) => 'aux' in message && 'ID' in message.aux && message.aux.ID === id('cmd')))
})

test('steps that ran at the same time are told one after the other', () => {
  const { messages } = render([
    { kind: 'planned', total: 2 },
    { kind: 'started', step: 2, text: 'RUN b' },
    output(2, 'b\n'),
    { kind: 'started', step: 1, text: 'RUN a' },
    output(1, 'a\n'),
    { kind: 'finished', step: 2, cached: false, imageId: id('b') },
    { kind: 'finished', step: 1, cached: false, imageId: id('a') },
  ])
  const expected = ['Step 1/2 : RUN a', 'a', ` ---> ${short('a')}`, 'Step 2/2 : RUN b', 'b', ` ---> ${short('b')}`, '']
  assert.equal(textOf(messages), expected.join('\n'))
})

test('a failure is told after what had happened before it', () => {
  const { renderer, messages } = render([
    { kind: 'planned', total: 2 },
    { kind: 'started', step: 1, text: 'RUN a' },
    { kind: 'started', step: 2, text: 'RUN b' },
    output(2, 'waiting\n'),
  ])
  renderer.fail(new SlipwayError('invalid', 'process failed', { detail: { exitCode: 1, command: '/bin/sh -c false' } }))
  const message = "The command '/bin/sh -c false' returned a non-zero code: 1"
  assert.match(textOf(messages), /waiting\n$/)
  assert.deepEqual(messages.at(-1), { errorDetail: { code: 1, message }, error: message })
  assert.deepEqual(describeError(new Error('no space')), { errorDetail: { message: 'no space' }, error: 'no space' })
})

test('a step that only writes down its config is told as docker tells it: with a container', () => {
  const { messages } = render([
    { kind: 'planned', total: 3 },
    { kind: 'started', step: 1, text: 'FROM scratch' },
    { kind: 'finished', step: 1, cached: false },
    { kind: 'started', step: 2, text: 'copy a /' },
    { kind: 'finished', step: 2, cached: false, imageId: id('copy') },
    { kind: 'started', step: 3, text: 'env a=b' },
    { kind: 'finished', step: 3, cached: false, imageId: id('env') },
  ])
  const [, container = ''] = / ---> Running in ([0-9a-f]{12})\n/.exec(textOf(messages)) ?? []
  assert.equal(
    textOf(messages),
    [
      'Step 1/3 : FROM scratch',
      ' ---> ',
      'Step 2/3 : copy a /',
      ` ---> ${short('copy')}`,
      'Step 3/3 : env a=b',
      ` ---> Running in ${container}`,
      ` ---> Removed intermediate container ${container}`,
      ` ---> ${short('env')}`,
      '',
    ].join('\n'),
  )
})

test('with --force-rm the container of the step that failed is told to be gone', () => {
  const events: readonly BuildEvent[] = [
    { kind: 'planned', total: 1 },
    { kind: 'started', step: 1, text: 'RUN false' },
    { kind: 'running', step: 1, id: container },
  ]
  for (const forceRemove of [true, false]) {
    const { renderer, messages } = render(events, { forceRemove })
    renderer.fail(new Error('failed'))
    assert.equal(textOf(messages).includes('Removed intermediate container c0ffeec0ffee'), forceRemove)
  }
})

test('letters that come in two pieces stay whole', () => {
  const bytes = Buffer.from('né')
  const pieces = [bytes.subarray(0, 2), bytes.subarray(2)]
  const { messages } = render([
    { kind: 'planned', total: 1 },
    ...pieces.map((piece): BuildEvent => ({ kind: 'output', step: 1, stream: 'stdout', bytes: piece })),
  ])
  assert.equal(textOf(messages), 'né')
})

test('a step that runs ahead can not fill the memory', () => {
  const piece = 'x'.repeat(1 << 20)
  const { messages } = render([
    { kind: 'planned', total: 2 },
    ...Array.from({ length: 10 }, () => output(2, piece)),
    { kind: 'finished', step: 1, cached: false },
  ])
  const text = textOf(messages)
  assert.ok(text.length < 5 << 20)
  assert.match(text, /\[output clipped\]\n$/)
})

test('a quiet build tells its id alone', () => {
  const { renderer, messages } = render(
    [
      { kind: 'planned', total: 1 },
      { kind: 'started', step: 1, text: 'FROM a' },
    ],
    {
      quiet: true,
    },
  )
  renderer.succeed({ id: id('x'), config: { architecture: 'a', os: 'b', rootfs: { type: 'layers', diff_ids: [] } } }, [
    't',
  ])
  assert.deepEqual(messages, [{ stream: `${id('x')}\n` }])
})

test('why steps were cached or not is told to programs, also where nothing else is', () => {
  const events: readonly BuildEvent[] = [
    { kind: 'planned', total: 2 },
    { kind: 'started', step: 2, text: 'RUN a' },
    { kind: 'explained', step: 2, lines: ['built: the instruction changed'] },
  ]
  const told = { aux: { Explained: { Step: '2/2 : RUN a', Lines: ['built: the instruction changed'] } } }
  assert.deepEqual(render(events, { quiet: true }).messages, [told])
  assert.ok(render(events).messages.some((message) => JSON.stringify(message) === JSON.stringify(told)))
})
