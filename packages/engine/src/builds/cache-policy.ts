import { statfs } from 'node:fs/promises'
import { keptFor, type PruneLimits } from '@slipway/build'
import { type CacheRoom, pruneCache } from './cache.ts'

const gigabyte = 1e9
const period = 3600_000

/**
 * As BuildKit has it by default: bytes of a disk of so many bytes that the cache may take, that it always may, and that stay
 * free.
 */
const sizesFor = (disk: number) => ({
  maxUsedSpace: Math.floor(Math.min(disk * 0.8, 100 * gigabyte)),
  reservedSpace: Math.floor(Math.min(disk * 0.1, 10 * gigabyte)),
  minFreeSpace: Math.floor(disk * 0.2),
})

/** A rule that the collector goes by; `keepDuration` in milliseconds. */
export type CacheRule = Pick<PruneLimits, 'maxUsedSpace' | 'reservedSpace' | 'minFreeSpace'> & {
  readonly keepDuration?: number
}

/** What wasn't used for a week goes, and after that what is too much for the disk of `directory`. */
export const cacheRules = async (directory: string): Promise<readonly CacheRule[]> => {
  const { blocks, bsize } = await statfs(directory)
  return [{ keepDuration: keptFor }, sizesFor(blocks * bsize)]
}

/** Goes by the rules once. */
const collectCache = async (room: CacheRoom): Promise<void> => {
  for (const { keepDuration, ...sizes } of await cacheRules(room.worker.scratch)) {
    const unusedSince = keepDuration === undefined ? undefined : new Date(Date.now() - keepDuration).toISOString()
    await pruneCache(room, { all: true, unusedSince, ...sizes })
  }
}

/** Goes by them from now on, every hour. Disposing ends that. */
export const keepCacheSmall = (room: CacheRoom, onError: (error: unknown) => void): Disposable => {
  const timer = setInterval(() => void collectCache(room).catch(onError), period).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
