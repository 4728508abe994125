import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { type ProgressMessage, progressBar } from '@slipway/client'
import type { ConsoleOutput } from '../terminal/console.ts'
import { drainProgress, showProgress } from './show-progress.ts'

async function* stream(messages: readonly ProgressMessage[]): AsyncIterable<ProgressMessage> {
  yield* messages
}

const shown = async (messages: readonly ProgressMessage[], { terminal = false } = {}): Promise<string> => {
  const output = new PassThrough()
  const console: ConsoleOutput = Object.assign(output, { isTTY: terminal, columns: 80 })
  await showProgress(stream(messages), console).finally(() => output.end())
  return await text(output)
}

const pull: readonly ProgressMessage[] = [
  { status: 'Pulling from library/x', id: 'latest' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'aaa' },
  { status: 'Pulling fs layer', progressDetail: {}, id: 'bbb' },
  { status: 'Downloading', progressDetail: { current: 500, total: 1000 }, id: 'aaa' },
  { status: 'Pull complete', progressDetail: {}, id: 'aaa' },
  { status: 'Status: Downloaded newer image for x:latest' },
]

test('where nobody sees lines change, bars are left out', async () => {
  assert.equal(
    await shown(pull),
    'latest: Pulling from library/x\naaa: Pulling fs layer\nbbb: Pulling fs layer\naaa: Pull complete\n' +
      'Status: Downloaded newer image for x:latest\n',
  )
})

test('on a terminal each id has a line of its own', async () => {
  const clear = '\u001b[2K\r'
  assert.equal(
    await shown(pull, { terminal: true }),
    'latest: Pulling from library/x\n' +
      `\n\u001b[1A${clear}aaa: Pulling fs layer \r\u001b[1B` +
      `\n\u001b[1A${clear}bbb: Pulling fs layer \r\u001b[1B` +
      `\u001b[2A${clear}aaa: Downloading     500B/1kB\r\u001b[2B` +
      `\u001b[2A${clear}aaa: Pull complete \r\u001b[2B` +
      'Status: Downloaded newer image for x:latest\n',
  )
})

test('what a build writes is printed as it is', async () => {
  assert.equal(
    await shown([{ stream: 'Step 1/2 : FROM x\n' }, { stream: ' ---> a' }, { aux: { ID: 'x' } }]),
    'Step 1/2 : FROM x\n ---> a',
  )
})

test('what is meant for programs is handed on and not shown', async () => {
  const heard: unknown[] = []
  const output = new PassThrough()
  await showProgress(stream([{ progressDetail: {}, aux: { Digest: 'd' } }]), output, (aux) => heard.push(aux))
  assert.deepEqual(heard, [{ Digest: 'd' }])
  assert.equal(output.read(), null)
})

test('an error in the stream is thrown after what came before it', async () => {
  const messages: readonly ProgressMessage[] = [
    { status: 'a' },
    { errorDetail: { code: 7, message: 'boom' }, error: 'boom' },
  ]
  const output = new PassThrough()
  await assert.rejects(showProgress(stream(messages), output), { message: 'boom', detail: { exitCode: 7 } })
  assert.equal(String(output.read()), 'a\n')
  await assert.rejects(drainProgress(stream([{ error: 'boom' }])), { message: 'boom' })
})

test('progressBar() is as long as the width allows', () => {
  assert.equal(progressBar({}, 200), '')
  assert.equal(progressBar({ current: 2048 }, 200), ' 2.048kB')
  assert.equal(progressBar({ current: 500, total: 1000 }, 200), `[${'='.repeat(25)}>${' '.repeat(25)}]     500B/1kB`)
  assert.equal(progressBar({ current: 1000, total: 1000 }, 200), `[${'='.repeat(50)}>]      1kB/1kB`)
  assert.equal(progressBar({ current: 500, total: 1000 }, 80), '    500B/1kB')
  assert.equal(progressBar({ current: 2000, total: 1000 }, 80), '     2kB')
})
