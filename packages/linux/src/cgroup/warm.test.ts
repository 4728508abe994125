import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { warmCgroups } from './warm.ts'

test('warmCgroups() leaves this process where it is, however often it is called', async () => {
  const before = readFileSync('/proc/self/cgroup', 'utf8')
  await Promise.all([warmCgroups(), warmCgroups()])
  await warmCgroups()
  assert.equal(readFileSync('/proc/self/cgroup', 'utf8'), before)
})
