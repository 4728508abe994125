import { join } from 'node:path'
import { invalid } from '@slipway/core'
import { type CgroupMode, cgroupMode } from '@slipway/linux'

/** Where the kernel keeps a container's accounts: one directory on v2, one per controller on v1 and hybrid. */
export interface ContainerCgroup {
  readonly mode: CgroupMode
  /** The directory of this v1 controller (`memory`, `cpuacct`, …); on v2 the same for all. */
  directory(controller: string): string
  /** Each directory once, those that may be missing too. */
  readonly directories: readonly string[]
}

const defaultRoot = '/sys/fs/cgroup'

/** v1 controllers that runc puts a container in, where the kernel has them. */
const controllers = [
  'memory',
  'cpu',
  'cpuacct',
  'cpuset',
  'pids',
  'blkio',
  'devices',
  'freezer',
  'net_cls',
  'net_prio',
  'perf_event',
  'hugetlb',
  'rdma',
  'misc',
  'systemd',
] as const

/** `slice:prefix:name`; the other driver's paths begin with a slash. */
const systemdForm = /^[^/:]*:[^:]*:[^:]+$/

/**
 * `cgroupsPath` as config.json has it, which tells the driver that made it: a container outlives a change of the setting.
 * `root`: where the tree is mounted.
 */
export const locateCgroup = (
  cgroupsPath: string,
  { mode = cgroupMode(), root = defaultRoot }: { readonly mode?: CgroupMode; readonly root?: string } = {},
): ContainerCgroup => {
  const path = systemdForm.test(cgroupsPath) ? expandSystemdPath(cgroupsPath) : join('/', cgroupsPath)
  // The root cgroup holds every process of the machine, and whoever locates a cgroup may be about to kill what is in it.
  if (path === '/') throw invalid('a container has no cgroup of its own')
  if (mode === 'v2') return { mode, directory: () => join(root, path), directories: [join(root, path)] }
  const directory = (controller: string): string => join(root, controller, path)
  const unified = mode === 'hybrid' ? [directory('unified')] : []
  return { mode, directory, directories: [...controllers.map(directory), ...unified] }
}

/**
 * `system.slice:slipway:ID` is `/system.slice/slipway-ID.scope`, and `a-b.slice` lies in `a.slice` (systemd.slice(5)).
 */
export const expandSystemdPath = (cgroupsPath: string): string => {
  const [slice = '', prefix = '', name = ''] = cgroupsPath.split(':')
  const parts = (slice || 'system.slice')
    .replace(/\.slice$/, '')
    .split('-')
    .filter((part) => part !== '')
  const slices = parts.map((_, index) => `${parts.slice(0, index + 1).join('-')}.slice`)
  const unit = name.endsWith('.slice') ? name : prefix === '' ? `${name}.scope` : `${prefix}-${name}.scope`
  return join('/', ...slices, unit)
}
