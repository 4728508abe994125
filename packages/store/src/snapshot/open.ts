import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CanReplace, hasErrno, invalid, messageOf, SlipwayError, type Snapshotter } from '@slipway/core'
import { CopySnapshotter } from './copy.ts'
import { OverlaySnapshotter } from './overlay.ts'
import { probeImages } from './probe-images.ts'

/** How snapshots are kept: layers as EROFS images under overlayfs, as directories under it, or whole trees. */
export type StorageDriver = 'erofs' | 'overlay' | 'copy'

/** With the names that docker has for the like. */
const drivers: Readonly<Record<string, StorageDriver>> = {
  erofs: 'erofs',
  overlay: 'overlay',
  overlay2: 'overlay',
  copy: 'copy',
  vfs: 'copy',
}

/** Throws invalid. */
export const parseStorageDriver = (name: string): StorageDriver => {
  const driver = Object.hasOwn(drivers, name) ? drivers[name] : undefined
  if (driver === undefined) throw invalid(`unknown storage driver ${JSON.stringify(name)}: erofs, overlay or copy`)
  return driver
}

export type OpenSnapshotter = Snapshotter & CanReplace & AsyncDisposable & { readonly driver: StorageDriver }

/** The driver that made a directory of snapshots; undefined for one that isn't there yet. */
const driverOf = async (root: string): Promise<StorageDriver | undefined> => {
  try {
    return parseStorageDriver(await readFile(join(root, 'driver'), 'utf8'))
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * Opens the snapshots below `root`. Without `wanted` by the driver that made them; a new root gets erofs where images can be
 * mounted, else overlay. Throws conflict when another driver than the wanted one made them, and unsupported when the kernel
 * can't do what it needs.
 */
export const openSnapshotter = async (root: string, wanted?: StorageDriver): Promise<OpenSnapshotter> => {
  const driver = wanted ?? (await driverOf(root))
  if (driver === undefined) return OverlaySnapshotter.open(root, await probeImages(root).catch(() => undefined))
  if (driver === 'copy') return CopySnapshotter.open(root)
  if (driver === 'overlay') return OverlaySnapshotter.open(root)
  try {
    return await OverlaySnapshotter.open(root, await probeImages(root))
  } catch (error) {
    if (error instanceof SlipwayError) throw error
    throw new SlipwayError('unsupported', `EROFS images can't be mounted here: ${messageOf(error)}`, { cause: error })
  }
}
