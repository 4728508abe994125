import assert from 'node:assert/strict'
import { access, glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { cgroupMode } from '@slipway/linux'
import { TestEngine } from './harness/engine.ts'
import { eventually } from './harness/patience.ts'
import { openScratch } from './harness/scratch.ts'

/** Where this machine has the tree of version 2: alone, or beside version 1's. */
const tree = cgroupMode() === 'v2' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified'

/** In a mount namespace of its own the engine sees a machine that has version 2 alone. Controllers stay where they are. */
const version2 = ['unshare', '--mount', '--propagation', 'slave', 'sh', '-ec']
const script = 'umount -R /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec "$@"'

test('containers where there are cgroups of version 2 alone', async (t) => {
  await using scratch = await openScratch()
  const trialsOf = () => Array.fromAsync(glob(join(tree, 'slipway/slipway-trial-*')))
  const before = new Set(await trialsOf())
  await using engine = await TestEngine.start(scratch, { inside: [...version2, script, 'sh'] })
  await engine.addBusybox()
  const client = engine.client()
  const cgroupOf = (id: string, file: string) => readFile(join(tree, 'slipway', id, file), 'utf8')

  await t.test('the engine says so, and a trial of runtimes leaves no cgroup', async () => {
    assert.equal(await client.ok(['info', '--format', '{{.CgroupDriver}} {{.CgroupVersion}}']), 'cgroupfs 2')
    assert.deepEqual(
      (await trialsOf()).filter((one) => !before.has(one)),
      [],
    )
  })

  await t.test('a container has one, of its own and seen as the root, and it goes with it', async () => {
    const id = await client.ok(['run', '-d', '--name', 'sleeper', '--network', 'none', 'busybox', 'sleep', '1000'])
    const pid = await client.ok(['inspect', '-f', '{{.State.Pid}}', 'sleeper'])
    assert.ok((await cgroupOf(id, 'cgroup.procs')).split('\n').includes(pid))
    assert.match(await client.ok(['exec', 'sleeper', 'cat', '/proc/self/cgroup']), /^0::\/$/m)
    await client.ok(['pause', 'sleeper'])
    assert.match(await cgroupOf(id, 'cgroup.events'), /^frozen 1$/m)
    await client.ok(['unpause', 'sleeper'])
    assert.match(await client.ok(['stats', '--no-stream', '--format', '{{.CPUPerc}}', 'sleeper']), /^\d+\.\d\d%$/)
    await client.ok(['rm', '-f', 'sleeper'])
    await assert.rejects(access(join(tree, 'slipway', id)), { code: 'ENOENT' })
  })

  await t.test('a device that was not given can not be used', async () => {
    const look = 'mknod /there b 7 0 && dd if=/there of=/dev/null count=1'
    const { message } = await client.fails(['run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', look])
    assert.match(message, /Operation not permitted/)
  })

  await t.test('one whose shim was killed is ended through its cgroup', async () => {
    const id = await client.ok(['run', '-d', '--network', 'none', 'busybox', 'sh', '-c', 'sleep 1000 & sleep 1000'])
    const inner = await eventually('both of its processes are there', async () => {
      const pids = (await cgroupOf(id, 'cgroup.procs')).trim().split('\n')
      return pids.length >= 2 && pids
    })
    const status = await readFile(`/proc/${inner[0]}/status`, 'utf8')
    process.kill(Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]), 'SIGKILL')
    await eventually('its end is known', async () => (await client.ok(['ps', '-q'])) === '')
    await eventually('its cgroup is gone', () =>
      access(join(tree, 'slipway', id)).then(
        () => false,
        () => true,
      ),
    )
    await client.ok(['rm', id])
  })
})
