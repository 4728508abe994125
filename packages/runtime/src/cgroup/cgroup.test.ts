import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { expandSystemdPath, locateCgroup } from './locate.ts'
import { readOomKills } from './oom.ts'
import { parseLimit } from './read.ts'
import { parseBlockV1, parseBlockV2, readCgroupStats } from './stats.ts'

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

test('a cgroup that systemd made is found by its name, whatever the setting says now', () => {
  const { directory, directories } = locateCgroup('web.slice:slipway:ab', { mode: 'v2' })
  assert.equal(directory('memory'), '/sys/fs/cgroup/web.slice/slipway-ab.scope')
  assert.deepEqual(directories, ['/sys/fs/cgroup/web.slice/slipway-ab.scope'])
  assert.equal(locateCgroup('/a:b/c', { mode: 'v2' }).directory(''), '/sys/fs/cgroup/a:b/c')
})

/** In the form that the kernel's cgroup-v2 document gives; the numbers are made up, not recorded from a kernel. */
const version2: Readonly<Record<string, string>> = {
  'cpu.stat':
    'usage_usec 1234567\nuser_usec 1000000\nsystem_usec 234567\nnice_usec 0\nnr_periods 40\nnr_throttled 7\nthrottled_usec 5100\nnr_bursts 0\nburst_usec 0\n',
  'memory.current': '6553600\n',
  'memory.max': '52428800\n',
  'memory.stat': 'anon 4096000\nfile 2048000\ninactive_file 1024000\npgfault 900\n',
  'memory.events': 'low 0\nhigh 0\nmax 12\noom 2\noom_kill 1\noom_group_kill 0\n',
  'pids.current': '3\n',
  'pids.max': 'max\n',
  'io.stat': '254:0 rbytes=8192 wbytes=4096 rios=2 wios=1 dbytes=0 dios=0\n',
}

test('what a container has used, read from a tree of version 2', async () => {
  const root = await mkdtemp(join(tmpdir(), 'slipway-cgroup-'))
  try {
    const cgroup = locateCgroup('/slipway/c', { mode: 'v2', root })
    assert.equal(await readCgroupStats(cgroup), undefined)
    await mkdir(join(root, 'slipway/c'), { recursive: true })
    for (const [name, text] of Object.entries(version2)) await writeFile(join(root, 'slipway/c', name), text)
    assert.equal(await readOomKills(cgroup), 1)
    assert.deepEqual(await readCgroupStats(cgroup), {
      cpuNanoseconds: 1_234_567_000n,
      userNanoseconds: 1_000_000_000n,
      systemNanoseconds: 234_567_000n,
      throttling: { periods: 40, throttledPeriods: 7, throttledNanoseconds: 5_100_000n },
      memoryBytes: 6_553_600,
      memoryLimitBytes: 52_428_800,
      memory: { anon: 4_096_000, file: 2_048_000, inactive_file: 1_024_000, pgfault: 900 },
      pids: 3,
      memoryFailures: 12,
      blockBytes: [
        { major: 254, minor: 0, op: 'read', value: 8192 },
        { major: 254, minor: 0, op: 'write', value: 4096 },
      ],
      blockOperations: [
        { major: 254, minor: 0, op: 'read', value: 2 },
        { major: 254, minor: 0, op: 'write', value: 1 },
      ],
    })
  } finally {
    await rm(root, { recursive: true })
  }
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
