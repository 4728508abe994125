import type { SpecInput, SpecMount } from './input.ts'
import type { OciMount } from './oci.ts'

const defaultShmSize = 64 * 1024 * 1024

const defaultMounts: readonly OciMount[] = [
  { destination: '/proc', type: 'proc', source: 'proc', options: ['nosuid', 'noexec', 'nodev'] },
  {
    destination: '/dev',
    type: 'tmpfs',
    source: 'tmpfs',
    options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
  },
  {
    destination: '/dev/pts',
    type: 'devpts',
    source: 'devpts',
    options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
  },
  { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', 'ro'] },
  { destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: ['ro', 'nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
  { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: ['nosuid', 'noexec', 'nodev', 'mode=1777'] },
]

/** Stay writable under `--read-only`: they hold nothing of the image. */
const alwaysWritable = new Set(['/proc', '/dev', '/dev/pts', '/dev/shm', '/dev/mqueue'])

const inContainerInit = '/sbin/docker-init'

/** docker's default mounts and those that were asked for, each after the directory it lies in. */
export const ociMounts = (input: SpecInput): readonly OciMount[] => {
  const asked = [...(input.mounts ?? [])].sort((one, other) => depth(one.destination) - depth(other.destination))
  const taken = new Set(asked.map(({ destination }) => destination))
  const defaults = defaultMounts
    .filter(({ destination }) => !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/')))
    .flatMap((mount) => withShmSize(mount, input.shmSize ?? defaultShmSize))
    .map((mount) => (isLetWrite(input, mount) ? writable(mount) : mount))
    .map((mount) => (input.rootfs.readonly ? readonlyUnlessSpecial(mount) : mount))
  return [...defaults, ...asked.map(ociMount), ...initMount(input)]
}

const depth = (path: string): number => path.split('/').filter((part) => part !== '').length

const withShmSize = (mount: OciMount, size: number | 'none'): readonly OciMount[] => {
  if (mount.destination !== '/dev/shm') return [mount]
  return size === 'none' ? [] : [{ ...mount, options: [...mount.options, `size=${size}`] }]
}

const isLetWrite = ({ privileged, writableCgroups }: SpecInput, { type }: OciMount): boolean =>
  type === 'cgroup' ? (privileged ?? false) || (writableCgroups ?? false) : type === 'sysfs' && (privileged ?? false)

const writable = (mount: OciMount): OciMount => ({
  ...mount,
  options: mount.options.filter((option) => option !== 'ro'),
})

const readonlyUnlessSpecial = (mount: OciMount): OciMount =>
  alwaysWritable.has(mount.destination) || mount.options.includes('ro')
    ? mount
    : { ...mount, options: [...mount.options, 'ro'] }

const ociMount = (mount: SpecMount): OciMount => {
  if (mount.kind === 'tmpfs') {
    const options = tmpfsOptions(['noexec', 'nosuid', 'nodev', 'rprivate', ...mount.options])
    return { destination: mount.destination, type: 'tmpfs', source: 'tmpfs', options }
  }
  const { destination, source, readonly, nonRecursive = false, propagation = 'rprivate' } = mount
  const options = [nonRecursive ? 'bind' : 'rbind', ...(readonly ? ['ro'] : []), propagation]
  return { destination, type: 'bind', source, options }
}

/** Each option undoes the one it contradicts, so that `exec` takes docker's `noexec` away. */
const opposites: Readonly<Record<string, string>> = {
  exec: 'noexec',
  suid: 'nosuid',
  dev: 'nodev',
  rw: 'ro',
  async: 'sync',
  atime: 'noatime',
  diratime: 'nodiratime',
}
const families = Object.entries(opposites)
const familyOf = (option: string): string =>
  families.find((pair) => pair.includes(option))?.[0] ?? option.split('=')[0] ?? option

const tmpfsOptions = (options: readonly string[]): readonly string[] => {
  const last = new Map<string, string>()
  for (const option of options) {
    last.delete(familyOf(option))
    last.set(familyOf(option), option)
  }
  return [...last.values()]
}

/** Whether `--init` puts an init in front: only where the container's first process is PID 1. */
const usesInit = ({ init, namespaces }: SpecInput): boolean =>
  init !== undefined && (namespaces?.pid ?? 'private') === 'private'

const initMount = (input: SpecInput): readonly OciMount[] =>
  input.init !== undefined && usesInit(input)
    ? [{ destination: inContainerInit, type: 'bind', source: input.init, options: ['bind', 'ro'] }]
    : []

export const withInit = (input: SpecInput): readonly string[] =>
  usesInit(input) ? [inContainerInit, '--', ...input.args] : input.args

/** The root file system must itself pass on what a shared or slave mount in it is to pass on. */
export const rootfsPropagation = (mounts: readonly SpecMount[]): 'shared' | 'rslave' | undefined => {
  const asked = mounts.map((mount) => (mount.kind === 'bind' ? mount.propagation : undefined))
  if (asked.some((propagation) => propagation === 'shared' || propagation === 'rshared')) return 'shared'
  return asked.some((propagation) => propagation === 'slave' || propagation === 'rslave') ? 'rslave' : undefined
}
