import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultCapabilities } from './capabilities.ts'
import type { OciSeccomp, OciSeccompRule } from './oci.ts'
import { defaultSeccomp } from './seccomp-default.ts'
import { compileSeccomp, parseSeccompProfile } from './seccomp-profile.ts'

const host = { architecture: 'amd64', kernel: { major: 6, minor: 1 } }

const rulesFor = ({ syscalls }: OciSeccomp, name: string): readonly OciSeccompRule[] =>
  syscalls.filter(({ names }) => names.includes(name))
const isAllowed = (profile: OciSeccomp, name: string): boolean =>
  rulesFor(profile, name).some(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined)

test('without CAP_SYS_ADMIN: no mount, no namespaces, and clone3 says ENOSYS', () => {
  const profile = defaultSeccomp(defaultCapabilities, host)
  for (const name of [
    'mount',
    'setns',
    'unshare',
    'bpf',
    'reboot',
    'keyctl',
    'add_key',
    'io_uring_setup',
    'userfaultfd',
    'kexec_load',
  ]) {
    assert.deepEqual(rulesFor(profile, name), [], name)
  }
  assert.deepEqual(rulesFor(profile, 'clone3'), [{ names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }])
  assert.deepEqual(
    rulesFor(profile, 'clone').map(({ args }) => args),
    [[{ index: 0, value: 0x7e02_0000, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }]],
  )
  for (const name of ['openat', 'execve', 'ptrace', 'chroot', 'arch_prctl', 'rseq'])
    assert.ok(isAllowed(profile, name), name)
  assert.equal(profile.defaultErrnoRet, 1)
})

test('with it, they are allowed whatever their arguments', () => {
  const profile = defaultSeccomp([...defaultCapabilities, 'CAP_SYS_ADMIN'], host)
  for (const name of ['mount', 'setns', 'unshare', 'clone', 'clone3']) assert.ok(isAllowed(profile, name), name)
  assert.equal(rulesFor(profile, 'clone').length, 1)
})

test('sockets of every family but ALG and VSOCK', () => {
  const compare = {
    SCMP_CMP_LT: (a: number, b: number) => a < b,
    SCMP_CMP_EQ: (a: number, b: number) => a === b,
    SCMP_CMP_GT: (a: number, b: number) => a > b,
  }
  const rules = rulesFor(defaultSeccomp([], host), 'socket').map(({ args }) => args?.[0])
  const refused = Array.from({ length: 46 }, (_, family) => family).filter(
    (family) =>
      !rules.some((rule) => rule !== undefined && compare[rule.op as keyof typeof compare](family, rule.value)),
  )
  assert.deepEqual(refused, [38, 40])
})

test('architectures are this machine’s', () => {
  assert.deepEqual(defaultSeccomp([], host).architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'])
  const arm = defaultSeccomp([], { ...host, architecture: 'arm64' })
  assert.deepEqual(arm.architectures, ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'])
  assert.ok(isAllowed(arm, 'cacheflush'))
  assert.equal(isAllowed(arm, 'arch_prctl'), false)
})

test('a profile of one’s own: conditions, old names, and what docker refuses', () => {
  const profile = parseSeccompProfile(
    JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { name: 'chmod', action: 'SCMP_ACT_ERRNO', args: null },
        { names: ['bpf'], action: 'SCMP_ACT_ERRNO', excludes: { caps: ['CAP_BPF'] } },
        { names: ['ptrace'], action: 'SCMP_ACT_ERRNO', includes: { minKernel: '7.0' } },
      ],
    }),
  )
  const names = (capabilities: string[]) =>
    compileSeccomp(profile, capabilities, host).syscalls.map(({ names }) => names[0])
  assert.deepEqual(names([]), ['chmod', 'bpf'])
  assert.deepEqual(names(['CAP_BPF']), ['chmod'])
  assert.throws(() => parseSeccompProfile('[]'), { message: 'Decoding seccomp profile failed: not a JSON object' })
  assert.throws(() => parseSeccompProfile('{}'), { message: 'Decoding seccomp profile failed: no defaultAction' })
})
