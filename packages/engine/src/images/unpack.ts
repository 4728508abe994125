import { availableParallelism } from 'node:os'
import { type ChainId, createLimiter, type DiffId, type UnpackedLayer } from '@slipway/core'
import type { ImageStore } from './store.ts'
import { waitTurn } from './wait-turn.ts'

/** A layer's file is inflated, hashed and written in threads: more at once than processors would only take memory. */
export const unpackedAtOnce = Math.max(2, Math.min(4, availableParallelism()))

/** A layer with its place in a stack. */
export interface StackedLayer {
  readonly diffId: DiffId
  readonly chainId: ChainId
  readonly parent: ChainId | undefined
  /** Resolves once its file is here and verified: with its path, or with what was unpacked of it while it came. */
  readonly arrived: () => Promise<string | UnpackedLayer>
  /** Resolves once its file is here, when nothing has to be unpacked of it. */
  readonly fetched: () => Promise<unknown>
  /** Told how many more bytes of the file were read. */
  readonly onProgress: (bytes: number) => void
  readonly onDone: () => void
}

/**
 * Makes snapshots of layers, each as soon as it has come, side by side; they are put on one another from the bottom up. A
 * layer that another pull is unpacking is waited for and taken. Throws what the first one threw, or the signal's reason,
 * when all the others have stopped.
 */
export const unpackLayers = async (
  { snapshots, unpacking }: Pick<ImageStore, 'snapshots' | 'unpacking'>,
  layers: readonly StackedLayer[],
  signal: AbortSignal,
): Promise<void> => {
  const stop = new AbortController()
  const both = AbortSignal.any([signal, stop.signal])
  const limit = createLimiter(unpackedAtOnce)

  const unpack = async ({ diffId, arrived, onProgress }: StackedLayer): Promise<UnpackedLayer> => {
    const layer = await arrived()
    if (typeof layer !== 'string') return layer
    return limit(() => snapshots.unpack({ path: layer }, { expected: diffId, signal: both, onProgress }))
  }
  const place = async (layer: StackedLayer, below: Promise<unknown>): Promise<void> => {
    // No one waits for a layer above the one that is held, so that two pulls can't wait for each other.
    const release = await waitTurn(unpacking.take(layer.chainId), (late) => late(), both)
    try {
      both.throwIfAborted()
      if ((await snapshots.stat(layer.chainId)) === undefined) {
        await using unpacked = await unpack(layer)
        await below
        await unpacked.commit(layer.chainId, layer.parent)
      } else await layer.fetched()
      await below
      layer.onDone()
    } finally {
      release()
    }
  }
  const jobs: Promise<void>[] = []
  for (const layer of layers) jobs.push(place(layer, jobs.at(-1) ?? Promise.resolve()))
  for (const job of jobs) job.catch((error: unknown) => stop.abort(error))
  await Promise.allSettled(jobs)
  if (stop.signal.aborted) throw stop.signal.reason
}
