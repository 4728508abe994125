import { join } from 'node:path'
import {
  type AppliedLayer,
  type ChainId,
  type Change,
  conflict,
  type LayerDiff,
  type LayerFile,
  type Mount,
  type SnapshotInfo,
  type Snapshotter,
} from '@slipway/core'
import { runJob } from '../workers/run.ts'
import { infoOf, type NewLayer, SnapshotFolder } from './folder.ts'
import type { ApplyOptions, DiffOptions } from './options.ts'

/** Every snapshot is a whole tree, copied from its parent: slow and large, but it needs nothing of the kernel. */
export class CopySnapshotter implements Snapshotter, AsyncDisposable {
  readonly #folder: SnapshotFolder
  /** Layers being applied: those above them wait. */
  readonly #arriving = new Map<ChainId, Promise<unknown>>()

  private constructor(folder: SnapshotFolder) {
    this.#folder = folder
  }

  /** Throws conflict when another driver made `root`. */
  static async open(root: string): Promise<CopySnapshotter> {
    return new CopySnapshotter(await SnapshotFolder.open(root, 'copy'))
  }

  async prepare(key: string, parent?: ChainId): Promise<readonly Mount[]> {
    this.#folder.chain(parent)
    await this.#folder.create({ name: key, kind: 'active', parent, fill: (path) => this.#copyParent(parent, path) })
    return this.mounts(key)
  }

  async view(key: string, parent: ChainId): Promise<readonly Mount[]> {
    this.#folder.chain(parent)
    await this.#folder.create({ name: key, kind: 'view', parent, fill: async () => undefined })
    return this.mounts(key)
  }

  async mounts(key: string): Promise<readonly Mount[]> {
    const record = this.#folder.get(key)
    if (record.kind === 'committed') throw conflict(`snapshot ${key} is committed: make a view of it`)
    const isView = record.kind === 'view'
    const source = this.#folder.pathOf(
      record.kind === 'view' && record.parent !== undefined ? this.#folder.get(record.parent) : record,
    )
    return [{ type: 'bind', source, options: ['rbind', isView ? 'ro' : 'rw'] }]
  }

  async commit(key: string, name: ChainId): Promise<void> {
    await this.#folder.commit(key, name)
  }

  async remove(keyOrName: string): Promise<void> {
    await this.#folder.remove(keyOrName)
  }

  async stat(keyOrName: string): Promise<SnapshotInfo | undefined> {
    const record = this.#folder.find(keyOrName)
    return record === undefined ? undefined : infoOf(record)
  }

  /** All that it takes: nothing is shared with its parent. */
  async usage(keyOrName: string): Promise<{ readonly bytes: number; readonly inodes: number }> {
    const record = this.#folder.get(keyOrName)
    if (record.usage !== undefined) return record.usage
    const usage = await runJob('measureTree', { path: this.#folder.pathOf(record) })
    await this.#folder.noteUsage(record, usage)
    return usage
  }

  async *list(): AsyncGenerator<SnapshotInfo, void, void> {
    for (const record of this.#folder.list()) yield infoOf(record)
  }

  /** Waits for the parent, if that is being applied. */
  async apply(
    layer: LayerFile,
    name: ChainId,
    parent: ChainId | undefined,
    options: ApplyOptions = {},
  ): Promise<AppliedLayer> {
    const below = parent === undefined ? undefined : this.#arriving.get(parent)
    const applying = this.#applyAfter(below, { ...layer, ...options, name, parent })
    this.#arriving.set(name, applying)
    try {
      return await applying
    } finally {
      if (this.#arriving.get(name) === applying) this.#arriving.delete(name)
    }
  }

  async diff(keyOrName: string, { to, compression = 'none', signal }: DiffOptions = {}): Promise<LayerDiff> {
    return runJob('diffLayer', { ...this.#trees(keyOrName), to, compression }, { signal })
  }

  async changes(key: string): Promise<readonly Change[]> {
    return runJob('listChanges', this.#trees(key))
  }

  async cleanup(): Promise<void> {
    await this.#folder.cleanup()
  }

  /** Waits for what is being deleted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }

  async #applyAfter(below: Promise<unknown> | undefined, layer: NewLayer): Promise<AppliedLayer> {
    await below
    this.#folder.chain(layer.parent)
    return this.#folder.apply(layer, async (target) => {
      await this.#copyParent(layer.parent, target)
      return { whiteouts: 'merged' }
    })
  }

  #trees(name: string): { readonly tree: string; readonly base: string | null } {
    const record = this.#folder.get(name)
    const base = record.parent === undefined ? null : this.#folder.pathOf(this.#folder.get(record.parent))
    return { tree: this.#folder.pathOf(record), base }
  }

  async #copyParent(parent: ChainId | undefined, path: string): Promise<undefined> {
    if (parent === undefined) return
    await runJob('copyTree', { from: this.#folder.pathOf(this.#folder.get(parent)), to: join(path, 'fs') })
  }
}
