import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blankHostConfig } from './blank-host-config.ts'
import { checkCreateBody, withHostDefaults } from './host-config.ts'

const bad: readonly (readonly [string, object, RegExp])[] = [
  ['a relative working directory', { WorkingDir: 'x' }, /needs to be an absolute path/],
  ['an unknown restart policy', { HostConfig: { RestartPolicy: { Name: 'maybe' } } }, /unknown policy 'maybe'/],
  [
    '--rm with a restart policy',
    { HostConfig: { AutoRemove: true, RestartPolicy: { Name: 'always' } } },
    /can't create 'AutoRemove' container with restart policy/,
  ],
  ['too little memory', { HostConfig: { Memory: 1000 } }, /Minimum memory limit allowed is 6MB/],
  ['a bad port', { HostConfig: { PortBindings: { '99999/tcp': [] } } }, /invalid port specification/],
  [
    'a log driver nobody has',
    { HostConfig: { LogConfig: { Type: 'paper' } } },
    /looking up logging plugin paper: plugin "paper" not found/,
  ],
  ['two mounts at one place', { HostConfig: { Binds: ['data:/data', '/x:/data/'] } }, /Duplicate mount point: \/data/],
]
for (const [what, body, message] of bad) {
  test(`checkCreateBody() refuses ${what}`, () =>
    assert.throws(() => checkCreateBody(body), { code: 'invalid', message }))
}

test('withHostDefaults() gives as much swap as memory, unless something is said of it', () => {
  const swapOf = (asked: object) => withHostDefaults(asked, { cgroupnsMode: 'private' }).MemorySwap
  assert.equal(swapOf({}), 0)
  assert.equal(swapOf({ Memory: 64 << 20 }), 128 << 20)
  assert.equal(swapOf({ Memory: 64 << 20, MemorySwap: -1 }), -1)
})

test('withHostDefaults() leaves no field out, in dockerd’s order, however little was said', () => {
  const shown = withHostDefaults({ Memory: 64 << 20, Dns: ['192.0.2.1'] }, { cgroupnsMode: 'private' })
  assert.deepEqual(Object.keys(shown), Object.keys(blankHostConfig))
  assert.deepEqual(
    [shown.Memory, shown.Dns, shown.DnsSearch, shown.Devices, shown.NanoCpus, shown.CpusetCpus, shown.OomKillDisable],
    [64 << 20, ['192.0.2.1'], null, null, 0, '', false],
  )
})
