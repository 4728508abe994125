import { createHash } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { isAbsolute } from 'node:path'
import type { ImageMount } from '@slipway/client'
import { conflict, familiarName, hasErrno, invalid, SlipwayError } from '@slipway/core'
import { isMountPoint, mountSnapshot, readMountInfo, unmount } from '@slipway/linux'
import type { ImageRoom } from './room.ts'

const keyPrefix = 'mount-'

/**
 * The view that is mounted at a path: named after it, so that what is mounted where is known from the kernel's table and
 * the snapshots alone. After a reboot nothing is mounted, and the next collection takes the views.
 */
const viewAt = (path: string): string => `${keyPrefix}${createHash('sha256').update(path).digest('hex')}`

/** The views that are mounted now, of all engines' images: those of others have no snapshot here. */
export const mountedViews = (): readonly string[] => readMountInfo().map(({ target }) => viewAt(target))

const directoryAt = async (path: string): Promise<string> => {
  if (!isAbsolute(path)) throw invalid(`the mount point must be an absolute path: ${path.slice(0, 200)}`)
  const real = await realpath(path).catch((error: unknown) => {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENOTDIR')) throw error
    throw new SlipwayError('not-found', `no such directory: ${path.slice(0, 200)}`, { cause: error })
  })
  if (!(await stat(real)).isDirectory()) throw invalid(`not a directory: ${path.slice(0, 200)}`)
  return real
}

/** Shows the image's files at a directory of this machine, to be read only. Throws not-found, invalid, conflict. */
export const mountImage = async ({ store, collector }: ImageRoom, name: string, path: string): Promise<void> => {
  const { chainId } = await store.resolve(name)
  if (chainId === undefined) throw invalid(`image ${name.slice(0, 200)} has no layers`)
  const target = await directoryAt(path)
  if (isMountPoint(target)) throw conflict(`something is mounted at ${target} already`)
  await using lease = store.leases.take(`mount ${target}`)
  const key = viewAt(target)
  for (const held of [chainId, key]) lease.hold({ kind: 'snapshot', name: held })
  await collector.idle()
  // Left by a reboot, or by an umount(8) that we weren't asked for.
  await store.snapshots.remove(key)
  const mounts = await store.snapshots.view(key, chainId)
  try {
    mountSnapshot(mounts, target)
  } catch (error) {
    await store.snapshots.remove(key)
    throw error
  }
}

/** Throws not-found when no image is mounted there, conflict while it is in use. */
export const unmountImage = async ({ store, collector }: ImageRoom, path: string): Promise<void> => {
  const target = await directoryAt(path)
  const key = viewAt(target)
  if ((await store.snapshots.stat(key)) === undefined) {
    throw new SlipwayError('not-found', `no image is mounted at ${path.slice(0, 200)}`)
  }
  try {
    unmount(target)
  } catch (error) {
    if (hasErrno(error, 'EBUSY')) throw conflict(`${target} is in use`)
    throw error
  }
  await store.snapshots.remove(key)
  // The image may have been removed meanwhile, and its layers held by the mount alone.
  await collector.collect()
}

/** What `mountImage` has mounted, by path. */
export const listMounts = async ({ store }: ImageRoom): Promise<readonly ImageMount[]> => {
  const images = await store.list()
  const found = await Promise.all(
    readMountInfo().map(async ({ target }): Promise<readonly ImageMount[]> => {
      const view = await store.snapshots.stat(viewAt(target))
      if (view === undefined) return []
      const names = images
        .filter(({ chainId }) => chainId === view.parent)
        .flatMap(({ id, references }) => (references.length > 0 ? references.map(familiarName) : [id]))
      return [{ path: target, images: names }]
    }),
  )
  return found.flat()
}
