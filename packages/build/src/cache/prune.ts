import { statfs } from 'node:fs/promises'
import type { ChainId } from '@slipway/core'
import { cachesOf } from '../ops/mount/caches.ts'
import { forgetLayers, pruneCache } from '../solver/cache.ts'
import { type CacheParts, listCache } from './list.ts'
import type { CacheRecord } from './record.ts'
import { type PruneLimits, selectToPrune } from './select.ts'

const namesOf = (records: readonly CacheRecord[], kind: CacheRecord['kind']): readonly string[] =>
  records.filter((record) => record.kind === kind).map(({ name }) => name)

const isBounded = ({ all: _, ...limits }: PruneLimits): boolean =>
  Object.values(limits).some((limit) => limit !== undefined && limit !== 0)

/**
 * Forgets a part of the cache. Cache mounts and contexts are gone then; layers are freed by whoever collects snapshots, when no
 * image stands on them. Returns what was forgotten.
 */
export const pruneBuilds = async (
  parts: CacheParts,
  inImages: ReadonlySet<ChainId>,
  limits: PruneLimits = { all: true },
): Promise<readonly CacheRecord[]> => {
  const { worker, contexts } = parts
  const { bavail, bsize } = await statfs(worker.scratch)
  const chosen = selectToPrune(await listCache(parts, inImages), limits, bavail * bsize)
  await forgetLayers(worker.cache, namesOf(chosen, 'regular') as readonly ChainId[])
  // All: also what is known of steps that made no layer, and of those whose layers an image has.
  if (limits.all === true && !isBounded(limits)) await pruneCache(worker.cache)
  const mounts = await cachesOf(worker).remove(namesOf(chosen, 'exec.cachemount'))
  const received = await contexts.remove(namesOf(chosen, 'source.local'))
  const gone = new Set([...mounts, ...received])
  return chosen.filter(({ kind, name }) => kind === 'regular' || gone.has(name))
}
