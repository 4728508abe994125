import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseCgroupPaths } from './mode.ts'

const root = '/sys/fs/cgroup'

let underWay: Promise<void> | undefined

/**
 * Gets the kernel ready for processes that change their cgroup soon. The first change after a pause waits for an RCU grace
 * period, 8 to 16 ms, and the next ones, for the 12 ms that follow, take less than 0.1. So this process is moved to where it
 * is already, on a pool thread, while something else is done: an OCI runtime's `create` took 24 ms without, 10 ms with it.
 * Never fails: at worst the wait comes later.
 */
export const warmCgroups = (): Promise<void> => {
  underWay ??= moveToOwnCgroup()
    .catch(() => undefined)
    .finally(() => {
      underWay = undefined
    })
  return underWay
}

const moveToOwnCgroup = async (): Promise<void> => {
  // Read each time: who manages our cgroup may have moved us.
  const own = parseCgroupPaths(await readFile('/proc/self/cgroup', 'utf8'))
  await writeFile(join(root, directoryOf(own), 'cgroup.procs'), String(process.pid), { flag: 'r+' })
}

/** One of all: they share the lock. A tree is mounted where one of its controllers says, in v2 at the root. */
const directoryOf = ({ unified = '/', controllers }: ReturnType<typeof parseCgroupPaths>): string => {
  const path = controllers['pids']
  return path === undefined ? unified : join('pids', path)
}
