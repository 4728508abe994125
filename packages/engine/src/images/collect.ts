import {
  type ChainId,
  type ContentInfo,
  type Digest,
  type Held,
  hasCode,
  isDigest,
  type SnapshotInfo,
} from '@slipway/core'
import type { ImageStore } from './store.ts'

/** What others stand on: containers' writable layers, the builder's cache. Asked for at every collection. */
export type Roots = () => Iterable<Held> | Promise<Iterable<Held>>

export interface Collected {
  readonly snapshots: readonly string[]
  readonly blobs: readonly Digest[]
  /** Bytes. */
  readonly reclaimed: number
}

const nothing: Collected = { snapshots: [], blobs: [], reclaimed: 0 }
const keyOf = ({ kind, name }: Held): string => `${kind} ${name}`

/**
 * Takes away the blobs and snapshots that nothing refers to: no image, no root, no lease.
 *
 * It runs beside everything else, and this is why that is safe. Candidates are listed first, and those under a lease left
 * out; only then are the references read. So whoever makes something holds it from before it exists until it is referred
 * to; and whoever finds something and means to use it holds it, waits for `idle()`, and looks again.
 */
export class Collector {
  readonly #store: ImageStore
  readonly #roots: readonly Roots[]
  #running: Promise<Collected> = Promise.resolve(nothing)

  constructor(store: ImageStore, roots: readonly Roots[]) {
    this.#store = store
    this.#roots = roots
  }

  /** Resolves when no collection is under way. */
  async idle(): Promise<void> {
    await this.#running.catch(() => {})
  }

  /** One at a time; the second caller gets a collection of its own afterwards. */
  collect(): Promise<Collected> {
    this.#running = this.#running.catch(() => nothing).then(() => this.#sweep())
    return this.#running
  }

  /** At start-up, when nothing is under way: removes as well what a crash left half written. */
  async recover(): Promise<Collected> {
    await this.#store.snapshots.cleanup()
    for await (const { ref } of this.#store.content.ingests()) {
      await using ingest = await this.#store.content.ingest(ref)
      await ingest.discard()
    }
    return this.collect()
  }

  /** What the next collection would take. */
  async garbage(): Promise<readonly Held[]> {
    await this.idle()
    const { snapshots, blobs } = await this.#candidates()
    return [
      ...snapshots.map(({ name }) => ({ kind: 'snapshot' as const, name })),
      ...blobs.map(({ digest }) => ({ kind: 'content' as const, name: digest })),
    ]
  }

  async #sweep(): Promise<Collected> {
    const { content, leases } = this.#store
    const candidates = await this.#candidates()
    const removed = await this.#removeSnapshots(candidates.snapshots)
    const blobs: Digest[] = []
    let reclaimed = removed.bytes
    for (const { digest, size } of candidates.blobs) {
      if (leases.isHeld({ kind: 'content', name: digest })) continue
      await content.delete(digest)
      blobs.push(digest)
      reclaimed += size
    }
    await this.#store.forgetCollected(removed.names.filter(isDigest) as ChainId[], blobs)
    return { snapshots: removed.names, blobs, reclaimed }
  }

  /** What is under no lease, looked for first, and referred to by nothing. */
  async #candidates(): Promise<{
    readonly snapshots: readonly SnapshotInfo[]
    readonly blobs: readonly ContentInfo[]
  }> {
    const { snapshots, content, leases } = this.#store
    const allSnapshots = await Array.fromAsync(snapshots.list())
    const allBlobs = await Array.fromAsync(content.list())
    const looseSnapshots = allSnapshots.filter(({ name }) => !leases.isHeld({ kind: 'snapshot', name }))
    const looseBlobs = allBlobs.filter(({ digest }) => !leases.isHeld({ kind: 'content', name: digest }))
    const referred = await this.#referred(allSnapshots)
    return {
      snapshots: looseSnapshots.filter(({ name }) => !referred.has(`snapshot ${name}`)),
      blobs: looseBlobs.filter(({ digest }) => !referred.has(`content ${digest}`)),
    }
  }

  /** Everything that something refers to, with all that a snapshot stands on. */
  async #referred(snapshots: readonly SnapshotInfo[]): Promise<ReadonlySet<string>> {
    const parents = new Map(snapshots.map(({ name, parent }) => [name, parent]))
    const referred = new Set<string>()
    const refer = (what: Held): void => {
      referred.add(keyOf(what))
      if (what.kind !== 'snapshot') return
      for (let above = parents.get(what.name); above !== undefined; above = parents.get(above)) {
        referred.add(`snapshot ${above}`)
      }
    }
    for (const roots of this.#roots) for (const root of await roots()) refer(root)
    for (const held of await this.#heldByImages()) refer(held)
    return referred
  }

  async #heldByImages(): Promise<readonly Held[]> {
    const images = await this.#store.list()
    return images.flatMap(({ id, chainId, config, manifests }) => [
      { kind: 'content' as const, name: id },
      ...manifests.map(({ digest }) => ({ kind: 'content' as const, name: digest })),
      ...config.rootfs.diff_ids
        .flatMap((diffId) => this.#store.layerBlobs(diffId))
        .map(({ digest }) => ({ kind: 'content' as const, name: digest })),
      ...(chainId === undefined ? [] : [{ kind: 'snapshot' as const, name: chainId }]),
    ])
  }

  /** Children before what they stand on. What something stands on all the same stays. */
  async #removeSnapshots(candidates: readonly SnapshotInfo[]): Promise<{ names: readonly string[]; bytes: number }> {
    const { snapshots, leases } = this.#store
    const names: string[] = []
    let bytes = 0
    for (const { name } of childrenFirst(candidates)) {
      if (leases.isHeld({ kind: 'snapshot', name })) continue
      try {
        const size = isDigest(name) ? this.#store.layerBytes(name) : 0
        await snapshots.remove(name)
        names.push(name)
        bytes += size
      } catch (error) {
        if (!hasCode(error, 'conflict')) throw error
      }
    }
    return { names, bytes }
  }
}

const childrenFirst = (snapshots: readonly SnapshotInfo[]): readonly SnapshotInfo[] => {
  const byName = new Map(snapshots.map((snapshot) => [snapshot.name, snapshot]))
  const depthOf = (snapshot: SnapshotInfo): number => {
    let depth = 0
    for (let above = snapshot.parent; above !== undefined; above = byName.get(above)?.parent) depth += 1
    return depth
  }
  return snapshots
    .map((snapshot) => ({ snapshot, depth: depthOf(snapshot) }))
    .toSorted((a, b) => b.depth - a.depth)
    .map(({ snapshot }) => snapshot)
}
