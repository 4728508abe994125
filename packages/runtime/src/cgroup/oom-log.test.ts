import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wasKilledForMemory } from './oom-log.ts'

const id = 'a'.repeat(64)

test('the kernel’s log tells whose process was killed for want of memory', () => {
  const victim = (cgroup: string): string =>
    `6,1,2,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/slipway,task_memcg=${cgroup},task=sh,pid=1,uid=0\n`
  const rows: readonly (readonly [string, boolean])[] = [
    [victim(`/slipway/${id}`), true],
    [victim(`/system.slice/slipway-${id}.scope`), true],
    [victim(`/slipway/${'b'.repeat(64)}`), false],
    [`6,1,2,-;oom_memcg=/slipway,task_memcg=/${id} said a process`, false],
    [`4,1,2,-;oom-kill:constraint=CONSTRAINT_NONE,task_memcg=/,task=${id},pid=1`, false],
  ]
  for (const [record, expected] of rows) assert.equal(wasKilledForMemory(id, ['6,0,1,-;hello\n', record]), expected)
})

test('of what never was nothing is told', () => {
  assert.equal(wasKilledForMemory(`no such cgroup ${Date.now()}`), false)
})
