import { rm } from 'node:fs/promises'
import { type ChainId, canReplace, type Descriptor, type DiffId, digestOf, type Lease, messageOf } from '@slipway/core'
import { layerDifferences } from '@slipway/store'
import type { ImageStore } from './store.ts'

/** A layer at its place in a stack. */
export interface PlacedLayer {
  readonly diffId: DiffId
  readonly chainId: ChainId
  readonly parent: ChainId | undefined
}

export interface LayerCheck {
  readonly store: ImageStore
  readonly lease: Lease
  readonly signal: AbortSignal
  /** A whole blob of the layer, if there is one. */
  readonly blob: Descriptor | undefined
}

/**
 * What is wrong with a layer's files; undefined when they are what its tar says. A layer that was made here gives the very
 * tar that it is named by. Of one that came from elsewhere the blob is unpacked once more, and the two are compared.
 * `mend` puts the new files in the place of the old, where the snapshotter can; it resolves to whether it did.
 */
export const checkLayer = async (
  layer: PlacedLayer,
  check: LayerCheck,
  found: (problem: string, mend: () => Promise<boolean>) => Promise<void>,
): Promise<void> => {
  const { store, signal, blob } = check
  const { snapshots } = store
  const made = await snapshots.diff(layer.chainId, { signal, fromDisk: true }).catch((error: unknown) => {
    signal.throwIfAborted()
    return messageOf(error)
  })
  if (typeof made !== 'string' && made.diffId === layer.diffId) return
  if (blob === undefined) {
    const what = typeof made === 'string' ? `can't be read: ${made}` : `give ${made.diffId}`
    return found(`its files ${what}, and no blob of it is left`, async () => false)
  }
  await withSpare(layer, { ...check, blob }, async (spare) => {
    const problem =
      typeof made === 'string' ? `its files can't be read: ${made}` : await difference(layer, spare, check)
    if (problem === undefined) return
    await found(problem, async () => {
      if (!canReplace(snapshots)) return false
      await snapshots.replace(layer.chainId, spare)
      return true
    })
  })
}

/** Unpacks the layer again beside itself, for as long as `body` takes. */
const withSpare = async (
  { diffId, chainId, parent }: PlacedLayer,
  { store: { snapshots, content }, lease, signal, blob }: LayerCheck & { readonly blob: Descriptor },
  body: (spare: ChainId) => Promise<void>,
): Promise<void> => {
  const spare = digestOf(`check ${chainId}`)
  lease.hold({ kind: 'snapshot', name: spare })
  // One that a check left behind which was cut off.
  await snapshots.remove(spare)
  await snapshots.apply({ path: content.pathOf(blob.digest) }, spare, parent, { expected: diffId, signal })
  try {
    await body(spare)
  } finally {
    await snapshots.remove(spare)
  }
}

const difference = async (
  { chainId }: PlacedLayer,
  spare: ChainId,
  { store: { snapshots, content }, signal }: LayerCheck,
): Promise<string | undefined> => {
  const [one, other] = [content.scratchPath(), content.scratchPath()]
  try {
    const whole = await snapshots.diff(spare, { to: one, signal })
    const present = await snapshots.diff(chainId, { to: other, signal, fromDisk: true })
    if (whole.diffId === present.diffId) return undefined
    const { count, paths } = await layerDifferences({ one, other }, { signal })
    if (count === 0) return undefined
    const others = count > paths.length ? ` and ${count - paths.length} more` : ''
    return `its files are not those of its blob: ${paths.join(', ')}${others}`
  } finally {
    for (const path of [one, other]) await rm(path, { force: true })
  }
}
