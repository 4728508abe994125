import assert from 'node:assert/strict'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { cgroupMode } from '@slipway/linux'
import { TestEngine } from './harness/engine.ts'
import { eventually } from './harness/patience.ts'
import { openScratch } from './harness/scratch.ts'
import { Systemd } from './harness/systemd.ts'

/** Where this machine has the tree of version 2: alone, or beside version 1's. */
const tree = cgroupMode() === 'v2' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/unified'

const isGone = (group: string): Promise<true> =>
  eventually(`${group} is gone`, () =>
    access(group).then(
      () => false,
      () => true,
    ),
  )

test('containers whose cgroups systemd makes', async (t) => {
  await using scratch = await openScratch()
  await using systemd = await Systemd.start(scratch, tree)
  // There is no D-Bus in here: the engine takes runc of its own accord.
  const args = ['--exec-opt', 'native.cgroupdriver=systemd']
  await using engine = await TestEngine.start(scratch, { inside: systemd.inside, args })
  await engine.addBusybox()
  const client = engine.client()
  const show = async (unit: string): Promise<string> =>
    (await systemd.systemctl('show', unit, '--property=ActiveState,Slice,Delegate')).stdout.trim()

  await t.test('the engine says so', async () => {
    const format = '{{.CgroupDriver}} {{.CgroupVersion}} {{.DefaultRuntime}}'
    assert.equal(await client.ok(['info', '--format', format]), 'systemd 2 runc')
  })

  await t.test('a container is a scope in system.slice, and the scope goes with it', async () => {
    const id = await client.ok(['run', '-d', '--name', 'sleeper', '--network', 'none', 'busybox', 'sleep', '1000'])
    const scope = `slipway-${id}.scope`
    assert.deepEqual((await show(scope)).split('\n').toSorted(), [
      'ActiveState=active',
      'Delegate=yes',
      'Slice=system.slice',
    ])
    const group = join(systemd.cgroup, 'system.slice', scope)
    assert.match(await readFile(join(group, 'cgroup.procs'), 'utf8'), /^\d+\n$/)
    assert.equal(await client.ok(['exec', 'sleeper', 'echo', 'there']), 'there')
    for (const verb of ['pause', 'unpause', 'stats --no-stream']) await client.ok([...verb.split(' '), 'sleeper'])
    await client.ok(['rm', '-f', 'sleeper'])
    // systemd takes away what is empty when it comes to it.
    await eventually('the scope is gone', async () => /ActiveState=inactive/.test(await show(scope)))
    await isGone(group)
  })

  await t.test('a step of a build is one too, while it lasts', async () => {
    const root = join(scratch.path, 'context')
    await mkdir(root)
    await writeFile(join(root, 'Dockerfile'), 'FROM busybox\nRUN --network=none sleep 1000\n')
    const scopes = async (): Promise<readonly string[]> => {
      const { stdout } = await systemd.systemctl('list-units', '--plain', '--no-legend', 'slipway-*.scope')
      return stdout.match(/^slipway-[0-9a-f]{64}\.scope/gm) ?? []
    }
    const building = client.spawn(['build', root])
    await eventually('the step is a scope', async () => (await scopes()).length === 1)
    const [scope = ''] = await scopes()
    assert.match(await show(scope), /Slice=system.slice/)
    building.kill('SIGKILL')
    await eventually('its scope is gone', async () => (await scopes()).length === 0)
    await isGone(join(systemd.cgroup, 'system.slice', scope))
  })

  await t.test('a slice of one’s own, and what is none', async () => {
    const id = await client.ok([
      'run',
      '-d',
      '--cgroup-parent',
      'my-own.slice',
      '--network',
      'none',
      'busybox',
      'sleep',
      '1000',
    ])
    assert.match(await show(`slipway-${id}.scope`), /Slice=my-own.slice/)
    await client.ok(['rm', '-f', id])
    const { message } = await client.fails(['create', '--cgroup-parent', '/none', 'busybox'])
    assert.match(message, /cgroup-parent for systemd cgroup should be a valid slice named as "xxx.slice"/)
  })
})
