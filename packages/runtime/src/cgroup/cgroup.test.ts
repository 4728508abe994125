import assert from 'node:assert/strict'
import { test } from 'node:test'
import { expandSystemdPath, locateCgroup } from './locate.ts'
import { parseLimit } from './read.ts'
import { parseBlockV1, parseBlockV2 } from './stats.ts'

test('where a container’s cgroup is, on v1, hybrid and v2', () => {
  assert.equal(locateCgroup('/slipway/c', { mode: 'v2' }).directory('memory'), '/sys/fs/cgroup/slipway/c')
  const hybrid = locateCgroup('/slipway/c', { mode: 'hybrid' })
  assert.equal(hybrid.directory('memory'), '/sys/fs/cgroup/memory/slipway/c')
  assert.ok(hybrid.directories.includes('/sys/fs/cgroup/unified/slipway/c'))
})

test('systemd’s slices lie in one another', () => {
  assert.equal(expandSystemdPath('system.slice:slipway:ab'), '/system.slice/slipway-ab.scope')
  assert.equal(expandSystemdPath('a-b.slice:x:y'), '/a.slice/a-b.slice/x-y.scope')
  assert.equal(expandSystemdPath('-.slice:x:y'), '/x-y.scope')
})

test('the root cgroup, with all the machine’s processes, is nobody’s', () => {
  for (const path of ['', '/', '/..', 'a/..']) {
    assert.throws(() => locateCgroup(path, { mode: 'v2' }), { message: 'a container has no cgroup of its own' })
  }
})

test('limits and block devices, as the two versions write them', () => {
  assert.deepEqual(['max\n', '9223372036854771712\n', '1048576\n', undefined].map(parseLimit), [
    undefined,
    undefined,
    1048576,
    undefined,
  ])
  assert.deepEqual(parseBlockV1('8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n'), [
    { major: 8, minor: 0, op: 'read', value: 4096 },
    { major: 8, minor: 0, op: 'total', value: 4096 },
  ])
  assert.deepEqual(parseBlockV2('8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n').blockOperations, [
    { major: 8, minor: 0, op: 'read', value: 3 },
    { major: 8, minor: 0, op: 'write', value: 4 },
  ])
})
