import { join } from 'node:path'
import type { ContainerCgroup } from './locate.ts'
import { parseFlat, readCgroupFile } from './read.ts'

/**
 * How many of its processes the kernel has killed for want of memory. Read it before the cgroup is removed: containerd's shim
 * tells of it only in an event, and events don't survive a restart of the daemon.
 */
export const readOomKills = async (cgroup: ContainerCgroup): Promise<number> => {
  const name = cgroup.mode === 'v2' ? 'memory.events' : 'memory.oom_control'
  const text = await readCgroupFile(join(cgroup.directory('memory'), name))
  return text === undefined ? 0 : (parseFlat(text)['oom_kill'] ?? 0)
}
