import { type ChainId, digestOf, hexOf } from '@slipway/core'
import type { ReceivedContexts } from '../context/received.ts'
import { cachesOf } from '../ops/mount/caches.ts'
import { cachedLayers } from '../solver/cache.ts'
import type { BuildWorker } from '../worker.ts'
import type { CacheRecord } from './record.ts'

export interface CacheParts {
  readonly worker: BuildWorker
  readonly contexts: ReceivedContexts
}

const idOf = (name: string): string => hexOf(digestOf(name)).slice(0, 25)

const layers = async ({ worker }: CacheParts, inImages: ReadonlySet<ChainId>): Promise<readonly CacheRecord[]> => {
  const { snapshots } = worker
  const found = await cachedLayers(worker.cache)
  return Promise.all(
    found.map(async ({ chainId, createdAt, usedAt }) => ({
      kind: 'regular' as const,
      id: hexOf(chainId).slice(0, 25),
      name: chainId,
      description: `layer ${chainId}`,
      bytes: (await snapshots.stat(chainId)) === undefined ? 0 : (await snapshots.usage(chainId)).bytes,
      createdAt,
      usedAt,
      inUse: false,
      shared: inImages.has(chainId),
    })),
  )
}

/** All that the cache holds. `inImages`: the stacks of layers that images have, each with those below it. */
export const listCache = async (parts: CacheParts, inImages: ReadonlySet<ChainId>): Promise<readonly CacheRecord[]> => {
  const [stacks, mounts, contexts] = await Promise.all([
    layers(parts, inImages),
    cachesOf(parts.worker).list(),
    parts.contexts.list(),
  ])
  return [
    ...stacks,
    ...mounts.map((mount) => ({
      ...mount,
      kind: 'exec.cachemount' as const,
      id: idOf(mount.name),
      description: `cache mount ${mount.name.slice(0, 12)}`,
      shared: false,
    })),
    ...contexts.map((context) => ({
      ...context,
      kind: 'source.local' as const,
      id: idOf(context.name),
      description: `files of a client ${context.name.slice(0, 12)}`,
      shared: false,
    })),
  ]
}
