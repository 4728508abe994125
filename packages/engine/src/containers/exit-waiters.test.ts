import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExitWaiters } from './exit-waiters.ts'

test('ExitWaiters wake each one when its condition comes true', async () => {
  const waiters = new ExitWaiters()
  const { signal } = new AbortController()
  const seen: string[] = []
  const note = (what: string) => (code: number) => void seen.push(`${what} ${code}`)
  const all = Promise.all([
    waiters.wait('a', 'next-exit', signal).then(note('exit')),
    waiters.wait('a', 'not-running', signal).then(note('stopped')),
    waiters.wait('a', 'removed', signal).then(note('removed')),
  ])
  waiters.notifyExited('a', 1, true)
  await Promise.resolve()
  waiters.notifyExited('a', 2, false)
  await new Promise(setImmediate)
  waiters.notifyRemoved('a', 3)
  await all
  assert.deepEqual(seen, ['exit 1', 'stopped 2', 'removed 3'])
})
