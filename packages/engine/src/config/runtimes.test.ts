import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRuntimes } from './runtimes.ts'

test('runtimes come from flags and from the config file, and flags win', () => {
  const file = { youki: { path: '/usr/bin/youki', runtimeArgs: [] }, crun: { path: '/usr/bin/crun' } }
  assert.deepEqual(parseRuntimes(['crun=/opt/crun=new'], file), { youki: '/usr/bin/youki', crun: '/opt/crun=new' })
  assert.deepEqual(parseRuntimes([], undefined), {})
})

for (const [what, flags, file] of [
  ['a flag without a path', ['crun'], undefined],
  ['a path that is relative', ['crun=bin/crun'], undefined],
  ['a name that leads elsewhere', ['../crun=/bin/crun'], undefined],
  ['an entry of the file without a path', [], { crun: {} }],
  ['an entry of the file that is nothing', [], { crun: null }],
] as const) {
  test(`${what} is refused`, () => assert.throws(() => parseRuntimes(flags, file), { code: 'invalid' }))
}
