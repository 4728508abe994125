import { type BigIntStats, lstatSync, mkdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimes } from '@slipway/linux'
import { resolveInRoot } from './file/resolve.ts'

/**
 * The runtime makes a file or a directory for everything that it mounts and that isn't there. They are its own business:
 * none of them may get into the layer. (`/dev` comes after what is in it.)
 */
const mountPoints = [
  '/etc/resolv.conf',
  '/etc/hosts',
  '/dev/console',
  '/dev/pts',
  '/dev/shm',
  '/dev/mqueue',
  '/dev/pipes',
  '/sys/fs/cgroup',
  '/etc',
  '/dev',
  '/proc',
  '/sys',
]

interface Absent {
  readonly path: string
  readonly parent: string
  /** As the parent was before. */
  readonly before: BigIntStats | undefined
}

const statOf = (path: string): BigIntStats | undefined => lstatSync(path, { bigint: true, throwIfNoEntry: false })

/** The point itself and all above it, from the inside out. */
const upwards = (point: string): readonly string[] => (point === '/' ? [] : [point, ...upwards(dirname(point))])

/** What is missing above mount points, as everyone makes directories: runtimes have modes of their own for them. */
export const makeAbove = (rootfs: string, points: readonly string[]): void => {
  for (const point of points) {
    mkdirSync(resolveInRoot(rootfs, dirname(point), { followLast: true }), { recursive: true, mode: 0o755 })
  }
}

/** Notes which mount points aren't there before the process runs: its own, and what every one has. */
export const watchStubs = (rootfs: string, own: readonly string[] = []): readonly Absent[] =>
  [...new Set([...own.flatMap(upwards).sort((a, b) => b.length - a.length), ...mountPoints])].flatMap((point) => {
    const path = resolveInRoot(rootfs, point)
    const parent = dirname(path)
    return statOf(path) === undefined ? [{ path, parent, before: statOf(parent) }] : []
  })

const removeEmpty = (path: string): boolean => {
  const found = statOf(path)
  if (found === undefined) return false
  const isStub = found.isFile() && found.size === 0n
  if (!isStub && !found.isDirectory()) return false
  try {
    if (isStub) unlinkSync(path)
    else rmdirSync(path)
    return true
  } catch {
    // Something was put into it: then it is the step's own work.
    return false
  }
}

/** Takes away those that came and are still empty, and gives their directories their times back. */
export const removeStubs = (absent: readonly Absent[]): void => {
  for (const { path, parent, before } of absent) {
    if (!removeEmpty(path) || before === undefined || statOf(parent) === undefined) continue
    setTimes(parent, { atimeNs: before.atimeNs, mtimeNs: before.mtimeNs })
  }
}
