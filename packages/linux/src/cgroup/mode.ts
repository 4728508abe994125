import { statfsSync } from 'node:fs'
import { hasErrno } from '@slipway/core'

/** `hybrid`: controllers as in v1, and a v2 tree without controllers beside them at /sys/fs/cgroup/unified. */
export type CgroupMode = 'v1' | 'hybrid' | 'v2'

const CGROUP2_SUPER_MAGIC = 0x63677270

export const cgroupMode = (root = '/sys/fs/cgroup'): CgroupMode => {
  if (isCgroup2(root)) return 'v2'
  return isCgroup2(`${root}/unified`) ? 'hybrid' : 'v1'
}

const isCgroup2 = (path: string): boolean => {
  try {
    return statfsSync(path).type === CGROUP2_SUPER_MAGIC
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false
    throw error
  }
}

/** Where a process is: its path in the v2 tree, if there is one, and in that of each v1 controller. */
export interface CgroupPaths {
  readonly unified?: string
  readonly controllers: Readonly<Record<string, string>>
}

/** Lines of `hierarchy:controller,controller:path`; the v2 one is `0::path` (cgroups(7)). */
export const parseCgroupPaths = (text: string): CgroupPaths => {
  let unified: string | undefined
  const controllers: Record<string, string> = {}
  for (const [, hierarchy, names, path] of text.matchAll(/^(\d+):([^:\n]*):(.*)$/gm)) {
    if (path === undefined) continue
    if (hierarchy === '0') unified = path
    else for (const name of names?.split(',') ?? []) controllers[name] = path
  }
  return { ...(unified === undefined ? {} : { unified }), controllers }
}
