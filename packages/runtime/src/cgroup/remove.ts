import { readdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { hasErrno } from '@slipway/core'
import type { ContainerCgroup } from './locate.ts'
import { readCgroupFile } from './read.ts'

const attempts = 50
const pause = 10

/**
 * Kills whatever runs in a container's cgroup and removes it: for a container whose runtime can't do it any more. Nothing to
 * do when it isn't there.
 */
export const removeCgroup = async (cgroup: ContainerCgroup): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    await killProcesses(cgroup)
    const left = await removeDirectories(cgroup.directories)
    if (left.length === 0) return
    // A killed process leaves its cgroup a moment later.
    if (attempt === attempts) throw left[0]
    await sleep(pause)
  }
}

const killProcesses = async (cgroup: ContainerCgroup): Promise<void> => {
  if (cgroup.mode === 'v2' && (await killAtOnce(cgroup.directory('')))) return
  // Frozen processes don't die: v1's freezer is let go first.
  await writeFile(join(cgroup.directory('freezer'), 'freezer.state'), 'THAWED').catch(() => undefined)
  const listed = await Promise.all(
    cgroup.directories.map((directory) => readCgroupFile(join(directory, 'cgroup.procs'))),
  )
  for (const pid of new Set(listed.flatMap((text) => text?.split('\n') ?? []).map(Number))) {
    if (pid > 1) killQuietly(pid)
  }
}

/** Since Linux 5.14 the kernel does it for the whole tree, new children included. */
const killAtOnce = async (directory: string): Promise<boolean> => {
  try {
    await writeFile(join(directory, 'cgroup.kill'), '1', { flag: 'r+' })
    return true
  } catch {
    return false
  }
}

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error
  }
}

/** The errors of those that couldn't be removed. */
const removeDirectories = async (directories: readonly string[]): Promise<readonly unknown[]> => {
  const results = await Promise.allSettled(directories.map(removeTree))
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
}

/** A container may have made cgroups of its own below (systemd, docker in docker). */
const removeTree = async (directory: string): Promise<void> => {
  try {
    await rmdir(directory)
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return
    if (!hasErrno(error, 'EBUSY') && !hasErrno(error, 'ENOTEMPTY')) throw error
    for (const child of await childrenOf(directory)) await removeTree(child)
    await rmdir(directory)
  }
}

const childrenOf = async (directory: string): Promise<readonly string[]> => {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name))
}
