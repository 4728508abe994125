import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepDisplay } from './display.ts'

const recorder = (columns?: number) => {
  const written: string[] = []
  const display = stepDisplay({ write: (part) => void written.push(part), columns: () => columns })
  return { display, text: () => written.join('') }
}

test('step() prints title, result and time into a file, and nothing of what goes by', async () => {
  const { display, text } = recorder()
  const result = await display.step(
    'slipway push user/web',
    async (progress) => {
      progress('layer 1 of 2')
      return ['v1', 'x'.repeat(200)]
    },
    (lines) => lines.join('\n'),
  )
  assert.equal(result.length, 2)
  assert.equal(text(), `\n$ slipway push user/web\n    v1\n    ${'x'.repeat(200)}\n    (0.0 s)\n`)
})

test('step() cuts long lines on a terminal, and clears the line it wrote over', async () => {
  const { display, text } = recorder(20)
  await display.step(
    'title',
    async () => 'x'.repeat(200),
    (line) => line,
  )
  assert.equal(text(), `\n$ title\n\r\x1b[K    ${'x'.repeat(14)}…\n    (0.0 s)\n`)
})

test('step() says that a step stopped, and throws its error on', async () => {
  const { display, text } = recorder()
  const failing = display.step(
    'title',
    async () => {
      throw new Error('away')
    },
    String,
  )
  await assert.rejects(failing, /away/)
  assert.match(text(), /stopped after 0\.0 s\n$/)
})
