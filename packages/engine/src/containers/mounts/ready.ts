import { closeSync } from 'node:fs'
import { mkdir, readdir, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrno, SlipwayError } from '@slipway/core'
import { bindMount, mount, mountSnapshot, O_PATH, openInRoot, unmount } from '@slipway/linux'
import type { SpecMount } from '@slipway/runtime'
import { publishVolumeEvent } from '../../volumes/events.ts'
import { assertPropagates } from '../propagation.ts'
import type { ContainerRecord } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { ensureSource } from './bind-source.ts'
import { mountsOf } from './chosen.ts'
import { imageViewName } from './image-views.ts'
import type { BindMount, ImageMount, VolumeMount } from './mount.ts'
import { cleanPath } from './parse.ts'

/** Mounts that can be made now. Once they are, this can be disposed; the volumes stay in use until they are released. */
export interface ReadyMounts extends AsyncDisposable {
  readonly mounts: readonly SpecMount[]
}

const readyBind = async (bind: BindMount): Promise<SpecMount> => {
  await ensureSource(bind)
  assertPropagates(bind.source, bind.propagation)
  const { source, destination, readonly, propagation, nonRecursive = false } = bind
  return { kind: 'bind', source, destination, readonly, propagation, nonRecursive }
}

/**
 * Shows a part of a volume at a place of its own, for the runtime to mount from: a path into the volume could be made to
 * lead elsewhere, by a symlink that another container puts there in time.
 */
const showSubpath = async (root: string, subpath: string, place: string): Promise<void> => {
  const fd = openPart(root, subpath)
  try {
    const source = `/proc/self/fd/${fd}`
    if ((await stat(source)).isDirectory()) {
      await mkdir(place, { recursive: true, mode: 0o700 })
      bindMount(`${source}/.`, place, ['rec', 'private'])
    } else {
      await mkdir(join(place, '..'), { recursive: true, mode: 0o700 })
      await writeFile(place, '')
      mount({ source, target: place, type: '', flags: ['bind'] })
    }
  } finally {
    closeSync(fd)
  }
}

const openPart = (root: string, subpath: string): number => {
  try {
    return openInRoot(root, subpath, O_PATH)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENOTDIR') && !hasErrno(error, 'ELOOP')) throw error
    const path = join(root, subpath)
    throw new SlipwayError('invalid', `cannot access path ${path}: lstat ${path}: no such file or directory`, {
      cause: error,
    })
  }
}

/** Never removes what is in a directory: should it still be mounted, that would be the volume's. */
const hideSubpath = async (place: string): Promise<void> => {
  unmount(place, { lazy: true })
  await rmdir(place).catch((error) => (hasErrno(error, 'ENOTDIR') ? rm(place) : undefined))
}

const readyVolume = async (
  room: ContainerRoom,
  volume: VolumeMount,
  place: string,
  undo: AsyncDisposableStack,
): Promise<SpecMount> => {
  const { name, destination, readonly, subpath } = volume
  const bind = { kind: 'bind' as const, destination, readonly }
  if (subpath === '') return { ...bind, source: room.volumes.pathOf(name) }
  undo.defer(() => hideSubpath(place))
  await showSubpath(room.volumes.pathOf(name), subpath, place)
  return { ...bind, source: place }
}

const readyImage = async (
  room: ContainerRoom,
  image: ImageMount,
  view: string,
  place: string,
  undo: AsyncDisposableStack,
): Promise<SpecMount> => {
  const { destination, subpath } = image
  const bind = { kind: 'bind' as const, destination, readonly: true }
  undo.defer(() => hideSubpath(place))
  await mkdir(place, { recursive: true, mode: 0o700 })
  mountSnapshot(await room.snapshots.mounts(view), place)
  if (subpath === '') return { ...bind, source: place }
  const part = `${place}-part`
  undo.defer(() => hideSubpath(part))
  await showSubpath(place, subpath, part)
  return { ...bind, source: part }
}

const partsOf = (room: ContainerRoom): string => join(room.execRoot, '..', 'volumes')

/** What a crash left shown: what runs has its own mounts by now. */
export const hideLeftovers = async (room: ContainerRoom): Promise<void> => {
  const parts = partsOf(room)
  for (const name of await readdir(parts).catch(() => [])) await hideSubpath(join(parts, name))
}

/**
 * All that is to be mounted in a container: missing sources of `-v` are made, as docker does, and what its volumes stand for
 * is mounted. `releaseVolumes()` is owed afterwards, also after a failure.
 */
export const readyMounts = async (room: ContainerRoom, { id, definition }: ContainerRecord): Promise<ReadyMounts> => {
  await using undo = new AsyncDisposableStack()
  const parts = partsOf(room)
  const mounts: SpecMount[] = []
  for (const [index, wanted] of mountsOf(definition).entries()) {
    if (wanted.type === 'tmpfs') {
      mounts.push({ kind: 'tmpfs', destination: wanted.destination, options: wanted.options })
    } else if (wanted.type === 'bind') {
      mounts.push(await readyBind(wanted))
    } else if (wanted.type === 'image') {
      mounts.push(await readyImage(room, wanted, imageViewName(id, index), join(parts, `${id}-${index}`), undo))
    } else {
      await room.volumes.use(wanted.name, id)
      mounts.push(await readyVolume(room, wanted, join(parts, `${id}-${index}`), undo))
    }
  }
  for (const [destination, options] of Object.entries(definition.hostConfig.Tmpfs ?? {})) {
    mounts.push({ kind: 'tmpfs', destination: cleanPath(destination), options: options.split(',').filter(Boolean) })
  }
  const shown = undo.move()
  return { mounts, [Symbol.asyncDispose]: () => shown.disposeAsync() }
}

/** Tells that a container has mounted its volumes. */
export const publishMounted = (room: ContainerRoom, { id, definition }: ContainerRecord): void => {
  for (const mounted of mountsOf(definition)) {
    if (mounted.type !== 'volume') continue
    const { name, destination, readonly } = mounted
    const attributes = { container: id, destination, driver: 'local', propagation: '', 'read/write': String(!readonly) }
    publishVolumeEvent(room.events, name, 'mount', attributes)
  }
}

/** The container's file system is gone. */
export const releaseVolumes = (room: ContainerRoom, id: string): void => {
  for (const name of room.volumes.release(id)) {
    publishVolumeEvent(room.events, name, 'unmount', { container: id, driver: 'local' })
  }
}
