import { closeSync, constants } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { hasErrno, invalid } from '@slipway/core'
import { mountSnapshot, O_PATH, openInRoot, unmount } from '@slipway/linux'
import { type ContainerRoom, pathsOf } from '../room.ts'
import type { ContainerMount, VolumeMount } from './mount.ts'

const isToFill = (mount: ContainerMount): mount is VolumeMount =>
  mount.type === 'volume' && mount.copy && mount.subpath === ''

/**
 * Copies what the image has at the places of volumes that are empty into them, with owners and modes. The container's
 * writable layer is there, and nobody else knows of it yet.
 */
export const fillVolumes = async (
  room: ContainerRoom,
  id: string,
  mounts: readonly ContainerMount[],
): Promise<void> => {
  const { rootfs, bundle } = pathsOf(room, id)
  const toFill: VolumeMount[] = []
  try {
    for (const mount of mounts.filter(isToFill)) {
      if (await room.volumes.mayBeEmpty(mount.name)) toFill.push(mount)
    }
    if (toFill.length === 0) return
    await mkdir(rootfs, { recursive: true, mode: 0o711 })
    try {
      mountSnapshot(await room.snapshots.mounts(id), rootfs)
      for (const volume of toFill) await fillOne(room, id, rootfs, volume)
    } finally {
      unmount(rootfs, { lazy: true })
      await rm(bundle, { recursive: true, force: true })
    }
  } finally {
    room.volumes.release(id)
  }
}

/** The image may be hostile: its place is opened inside the root only. */
const fillOne = async (room: ContainerRoom, id: string, rootfs: string, volume: VolumeMount): Promise<void> => {
  const { name, destination, anonymous } = volume
  const fd = openPlace(rootfs, destination, anonymous)
  if (fd === undefined) return
  try {
    // What it stands for is mounted only now: where the image has nothing, that is left to the start.
    await room.volumes.use(name, id)
    await room.volumes.fill(name, `/proc/self/fd/${fd}/.`, id)
  } finally {
    closeSync(fd)
  }
}

const openPlace = (rootfs: string, destination: string, anonymous: boolean): number | undefined => {
  try {
    return openInRoot(rootfs, destination, O_PATH | constants.O_DIRECTORY)
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    if (!hasErrno(error, 'ENOTDIR')) throw error
    if (!anonymous) return undefined
    throw invalid(`cannot mount volume over existing file, file exists ${destination}`, error)
  }
}
