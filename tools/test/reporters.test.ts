import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

const source = `
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
test('slow', async (t) => {
  process.stderr.write('… 1 of 2 steps\\n')
  process.stderr.write('something else\\n')
  await sleep(1200)
  t.diagnostic('2 steps')
})
test('quick', () => undefined)
test('wrong', () => { throw new Error('for this reason') })
`

/** What a reporter tells of these tests, and the times taken out. */
const report = (t: TestContext, reporter: string): string => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-reporters-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'some.test.mjs'), source)
  const { NODE_TEST_CONTEXT, ...env } = process.env
  const args = ['--test', '--test-reporter', join(import.meta.dirname, reporter), 'some.test.mjs']
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: directory, env, encoding: 'utf8' })
  assert.equal(status, 1)
  return stdout.replaceAll(/\d+\.\d s/g, 'N s')
}

test('the progress reporter tells files, what takes long, what fails, and what tests say of themselves', (t) => {
  assert.deepEqual(
    report(t, 'progress-reporter.ts')
      .trimEnd()
      .split('\n')
      .map((line) => line.trim()),
    ['some.test.mjs', '… 1 of 2 steps', 'N s  slow', 'N s  FAILED: wrong'],
  )
})

test('the summary has failures with their reasons, what their files said, counts and figures', (t) => {
  const text = report(t, 'summary-reporter.ts')
  assert.match(text, /✖ wrong \(some\.test\.mjs:11\)\n +Error: for this reason/)
  assert.match(text, /\nsome\.test\.mjs said:\n {4}… 1 of 2 steps\n {4}something else\n/)
  assert.match(text, /\n2 passed, 1 failed\nfigures:\n {2}some\.test\.mjs: 2 steps\n$/)
})
