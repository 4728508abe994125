import { closeSync, constants, lstatSync, mkdirSync, openSync, symlinkSync, utimesSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainId, canReplace, digestOf, hasErrno, hexOf } from '@slipway/core'
import { mountSnapshot, openInRoot, unmount } from '@slipway/linux'
import type { ContainerRoom } from './room.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_PATH, O_WRONLY } = { O_PATH: 0o10000000, ...constants }

/** What a runtime mounts things on: directory, name, and what it is. Those that the image has are left alone. */
const mountPoints: readonly (readonly [directory: string, name: string, kind: 'directory' | 'file' | 'link'])[] = [
  ['/', 'dev', 'directory'],
  ['/', 'etc', 'directory'],
  ['/', 'proc', 'directory'],
  ['/', 'sys', 'directory'],
  ['/dev', 'console', 'file'],
  ['/dev', 'pts', 'directory'],
  ['/dev', 'shm', 'directory'],
  ['/etc', 'hostname', 'file'],
  ['/etc', 'hosts', 'file'],
  ['/etc', 'mtab', 'link'],
  ['/etc', 'resolv.conf', 'file'],
  ['/', '.dockerenv', 'file'],
]

export const initLayerName = (image: ChainId | undefined): ChainId => digestOf(`init ${image ?? ''}`)

/**
 * A layer between the image's and the container's own, with the mount points that every container needs. Made once an image,
 * so that none of them shows in `diff` or gets into a `commit`, as docker does it. Returns the name to stand on; the caller
 * holds a lease on what it stands on until something does.
 */
export const initLayer = async (room: ContainerRoom, image: ChainId | undefined): Promise<ChainId> => {
  const name = initLayerName(image)
  return room.lock.run(name, async () => {
    if ((await room.snapshots.stat(name)) === undefined) await makeInitLayer(room, image, name)
    return name
  })
}

/** Makes it again in place, under the containers that stand on it; false for another layer. None of them may be running. */
export const remakeInitLayer = async (
  room: ContainerRoom,
  name: ChainId,
  image: ChainId | undefined,
): Promise<boolean> => {
  const { snapshots } = room
  if (name !== initLayerName(image) || !canReplace(snapshots)) return false
  return room.lock.run(name, async () => {
    const spare = digestOf(`remade ${name}`)
    await using lease = room.leases.take(`remake ${name}`)
    lease.hold({ kind: 'snapshot', name: spare })
    await makeInitLayer(room, image, spare)
    await snapshots.replace(name, spare)
    return true
  })
}

const makeInitLayer = async (room: ContainerRoom, image: ChainId | undefined, name: ChainId): Promise<void> => {
  const key = `init-${hexOf(name)}`
  const target = join(room.execRoot, key)
  await room.snapshots.remove(key)
  const mounts = await room.snapshots.prepare(key, image)
  await mkdir(target, { recursive: true, mode: 0o700 })
  try {
    mountSnapshot(mounts, target)
    for (const [directory, entry, kind] of mountPoints) addMountPoint(target, directory, entry, kind)
    unmount(target)
    await room.snapshots.commit(key, name)
  } finally {
    unmount(target, { lazy: true })
    await rm(target, { recursive: true, force: true })
    await room.snapshots.remove(key)
  }
}

/** The image may be hostile: the directory is opened inside the root only, and nothing at its end is followed. */
const addMountPoint = (root: string, directory: string, entry: string, kind: 'directory' | 'file' | 'link'): void => {
  const parent = openInRoot(root, directory, O_PATH | O_DIRECTORY)
  try {
    const at = `/proc/self/fd/${parent}/.`
    const before = lstatSync(at)
    const path = `/proc/self/fd/${parent}/${entry}`
    try {
      if (kind === 'directory') mkdirSync(path, 0o755)
      else if (kind === 'link') symlinkSync('/proc/mounts', path)
      else closeSync(openSync(path, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY, 0o755))
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error
      return
    }
    utimesSync(at, before.atime, before.mtime)
  } finally {
    closeSync(parent)
  }
}
