import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasCode } from '@slipway/core'
import { buildSpec } from './build.ts'
import { formatSpec } from './format.ts'
import type { HostFacts } from './host.ts'
import type { SpecInput } from './input.ts'
import type { OciMount } from './oci.ts'
import { words } from './words.ts'

const host: HostFacts = {
  cgroup: 'v2',
  architecture: 'amd64',
  kernel: { major: 6, minor: 1 },
  capabilities: words('CHOWN DAC_OVERRIDE FSETID FOWNER KILL MKNOD NET_RAW NET_ADMIN SYS_ADMIN').map(
    (name) => `CAP_${name}`,
  ),
  hardLimits: { nofile: 20_000, core: 2 ** 64 },
  swapLimit: true,
  sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
  maskedPaths: [],
}

const build = (input: Partial<SpecInput> = {}) =>
  buildSpec({
    id: 'c1',
    rootfs: { path: 'rootfs', readonly: false },
    args: ['sh'],
    env: [],
    user: { uid: 0, gid: 0 },
    terminal: false,
    host,
    ...input,
  })

const mountAt = (mounts: readonly OciMount[], destination: string): OciMount | undefined =>
  mounts.find((mount) => mount.destination === destination)

test('the environment: docker’s defaults first, the container’s own instead of them', () => {
  const { process } = build({
    hostname: 'web',
    terminal: true,
    env: ['A=1', 'TERM=dumb'],
    user: { uid: 0, gid: 0, home: '/root' },
  })
  assert.deepEqual(process.env, [
    'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'HOSTNAME=web',
    'TERM=dumb',
    'A=1',
    'HOME=/root',
  ])
})

test('namespaces: new ones, the host’s, those of another process; cgroup as docker has it on v2 and v1', () => {
  const namespaces = (input: Partial<SpecInput>) =>
    build(input).linux.namespaces.map(({ type, path }) => (path ? `${type}:${path}` : type))
  assert.deepEqual(namespaces({}), ['mount', 'network', 'uts', 'pid', 'ipc', 'cgroup'])
  assert.deepEqual(namespaces({ host: { ...host, cgroup: 'hybrid' } }), ['mount', 'network', 'uts', 'pid', 'ipc'])
  const chosen = {
    network: { path: '/run/n' },
    pid: 'host',
    ipc: { path: '/proc/7/ns/ipc' },
    uts: 'host',
    cgroup: 'host',
  } as const
  assert.deepEqual(namespaces({ namespaces: chosen }), ['mount', 'network:/run/n', 'ipc:/proc/7/ns/ipc'])
  assert.equal(build({ namespaces: chosen, hostname: 'x' }).hostname, undefined)
})

test('capabilities: docker’s set, no more than we have, changed by add and drop', () => {
  const names = (input: Partial<SpecInput>) =>
    build(input)
      .process.capabilities.bounding.map((name) => name.slice(4))
      .join(' ')
  assert.equal(names({}), 'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW KILL')
  assert.equal(names({ capabilities: { drop: ['all'], add: ['net_admin', 'CAP_KILL'] } }), 'NET_ADMIN KILL')
  assert.equal(
    names({ capabilities: { add: ['ALL'], drop: ['SYS_ADMIN'] } }),
    'CHOWN DAC_OVERRIDE FSETID FOWNER KILL MKNOD NET_RAW NET_ADMIN',
  )
  assert.equal(names({ privileged: true }).split(' ').length, host.capabilities.length)
  assert.throws(() => names({ capabilities: { add: ['NOPE'] } }), {
    message: 'invalid CapAdd: unknown capability: "CAP_NOPE"',
  })
  assert.throws(() => names({ capabilities: { add: ['SYS_TIME'] } }), {
    message:
      'invalid CapAdd: capability not supported by your kernel or not available in the current environment: "CAP_SYS_TIME"',
  })
})

test('a user other than root gets capabilities only as a bound', () => {
  const { capabilities } = build({ user: { uid: 33, gid: 33 } }).process
  assert.equal(capabilities.effective, undefined)
  assert.ok(capabilities.bounding.length > 0)
})

test('mounts: what was asked for replaces a default and comes after what it lies in', () => {
  const { mounts, linux } = build({
    shmSize: 1024,
    mounts: [
      { kind: 'bind', source: '/b', destination: '/data/sub', readonly: true, propagation: 'rslave' },
      { kind: 'bind', source: '/a', destination: '/data', readonly: false, nonRecursive: true },
      { kind: 'tmpfs', destination: '/dev/mqueue', options: ['size=1m', 'exec'] },
    ],
  })
  const destinations = mounts.map(({ destination }) => destination)
  assert.ok(destinations.indexOf('/data') < destinations.indexOf('/data/sub'))
  assert.equal(destinations.filter((destination) => destination === '/dev/mqueue').length, 1)
  assert.deepEqual(mountAt(mounts, '/data/sub')?.options, ['rbind', 'ro', 'rslave'])
  assert.deepEqual(mountAt(mounts, '/data')?.options, ['bind', 'rprivate'])
  assert.deepEqual(mountAt(mounts, '/dev/mqueue')?.options, ['nosuid', 'nodev', 'rprivate', 'size=1m', 'exec'])
  assert.deepEqual(mountAt(mounts, '/dev/shm')?.options, ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=1024'])
  assert.equal(linux.rootfsPropagation, 'rslave')
})

test('/dev of one’s own leaves nothing of docker’s below it, and ipc none has no /dev/shm', () => {
  const own = build({ mounts: [{ kind: 'bind', source: '/x', destination: '/dev', readonly: false }] })
  assert.deepEqual(
    own.mounts.filter(({ destination }) => destination.startsWith('/dev')).map(({ type }) => type),
    ['bind'],
  )
  assert.equal(mountAt(build({ shmSize: 'none' }).mounts, '/dev/shm'), undefined)
})

test('privileged: every device, writable /sys, nothing masked, no seccomp', () => {
  const { linux, mounts } = build({ privileged: true })
  assert.deepEqual(linux.resources.devices, [{ allow: true, access: 'rwm' }])
  assert.equal(mountAt(mounts, '/sys')?.options.includes('ro'), false)
  assert.deepEqual([linux.maskedPaths, linux.readonlyPaths, linux.seccomp], [[], [], undefined])
})

test('devices: those given are made and allowed, with rules in docker’s words', () => {
  const device = { path: '/dev/fuse', type: 'c', major: 10, minor: 229 } as const
  const { linux } = build({ devices: [{ device, permissions: 'rw' }], deviceCgroupRules: ['b 8:* r'] })
  assert.deepEqual(linux.devices, [device])
  assert.deepEqual(linux.resources.devices?.slice(-2), [
    { allow: true, type: 'c', major: 10, minor: 229, access: 'rw' },
    { allow: true, type: 'b', major: 8, access: 'r' },
  ])
  assert.throws(
    () => build({ deviceCgroupRules: ['x 1:2 r'] }),
    (error) => hasCode(error, 'invalid'),
  )
})

test('limits: never above our own hard limit, and unlimited is written to the last digit', () => {
  const spec = build({
    rlimits: [
      { name: 'nofile', soft: 1024, hard: 1_048_576 },
      { name: 'core', soft: -1, hard: -1 },
    ],
  })
  assert.deepEqual(spec.process.rlimits?.[0], { type: 'RLIMIT_NOFILE', soft: 1024, hard: 20_000 })
  assert.match(formatSpec(spec), /"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615/)
  const again = JSON.parse(formatSpec(spec))
  assert.equal(formatSpec(again), formatSpec(spec))
})

test('resources: only what is set, and twice the memory as memory and swap', () => {
  const resources = build({ resources: { memory: 1000, cpuShares: 0, pids: 0, cpusetCpus: '0-1' } }).linux.resources
  const { devices: _, ...rest } = resources
  assert.deepEqual(rest, { memory: { limit: 1000, swap: 2000 }, cpu: { cpus: '0-1' }, pids: { limit: -1 } })
})

test('cgroup paths, sysctls, and an init in front', () => {
  assert.equal(build().linux.cgroupsPath, '/slipway/c1')
  assert.equal(build({ systemdCgroup: true }).linux.cgroupsPath, 'system.slice:slipway:c1')
  assert.equal(build({ cgroupParent: '../../x' }).linux.cgroupsPath, '/x/c1')
  assert.deepEqual(build({ sysctls: { 'net.core.somaxconn': '9' } }).linux.sysctl, {
    ...host.sysctls,
    'net.core.somaxconn': '9',
  })
  assert.deepEqual(build({ namespaces: { network: 'host' } }).linux.sysctl, {})
  const spec = build({ init: '/opt/tini' })
  assert.deepEqual(spec.process.args, ['/sbin/docker-init', '--', 'sh'])
  assert.equal(mountAt(spec.mounts, '/sbin/docker-init')?.source, '/opt/tini')
  assert.deepEqual(build({ init: '/opt/tini', namespaces: { pid: 'host' } }).process.args, ['sh'])
})

test('read-only: only what docker leaves writable is', () => {
  const { mounts } = build({
    rootfs: { path: 'rootfs', readonly: true },
    mounts: [{ kind: 'bind', source: '/v', destination: '/v', readonly: false }],
  })
  assert.equal(mountAt(mounts, '/dev/shm')?.options.includes('ro'), false)
  assert.equal(mountAt(mounts, '/v')?.options.includes('ro'), false)
  assert.equal(mountAt(mounts, '/sys')?.options.includes('ro'), true)
})
