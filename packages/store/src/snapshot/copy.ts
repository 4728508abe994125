import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  type ApplyOptions,
  type ChainId,
  type Change,
  conflict,
  type DiffOptions,
  type LayerDiff,
  type LayerFile,
  type LayerStream,
  type Mount,
  type Snapshotter,
  type UnpackedLayer,
} from '@slipway/core'
import { runJob, streamJob } from '../workers/run.ts'
import { SnapshotFolder } from './folder.ts'
import { InFolder } from './in-folder.ts'
import type { SnapshotRecord } from './journal.ts'

/** Every snapshot is a whole tree, copied from its parent: slow and large, but it needs nothing of the kernel. */
export class CopySnapshotter extends InFolder implements Snapshotter {
  readonly driver = 'copy'

  /** Throws conflict when another driver made `root`. */
  static async open(root: string): Promise<CopySnapshotter> {
    return new CopySnapshotter(await SnapshotFolder.open(root, 'copy'))
  }

  async prepare(key: string, parent?: ChainId): Promise<readonly Mount[]> {
    this.folder.chain(parent)
    await this.folder.create({
      name: key,
      kind: 'active',
      parent,
      fill: (path) => this.#copyParent(parent, join(path, 'fs')),
    })
    return this.mounts(key)
  }

  async view(key: string, parent: ChainId): Promise<readonly Mount[]> {
    this.folder.chain(parent)
    await this.folder.create({ name: key, kind: 'view', parent, fill: async () => undefined })
    return this.mounts(key)
  }

  async mounts(key: string): Promise<readonly Mount[]> {
    const record = this.folder.get(key)
    if (record.kind === 'committed') throw conflict(`snapshot ${key} is committed: make a view of it`)
    const isView = record.kind === 'view'
    const source = this.folder.pathOf(
      record.kind === 'view' && record.parent !== undefined ? this.folder.get(record.parent) : record,
    )
    return [{ type: 'bind', source, options: ['rbind', isView ? 'ro' : 'rw'] }]
  }

  /** Only reads the layer; what it does to the layers below is done when they are known. */
  async unpack(
    layer: LayerFile | LayerStream,
    { expected, signal, onProgress }: ApplyOptions = {},
  ): Promise<UnpackedLayer> {
    const spool = (path: string): string => join(path, 'layer')
    const { compression } = layer
    return this.folder.unpack({
      fill: async (path) => {
        await mkdir(join(path, 'fs'))
        if ('bytes' in layer) await writeFile(spool(path), layer.bytes)
        const input = { path: 'path' in layer ? layer.path : spool(path), compression, expected }
        return runJob('hashLayer', input, { signal })
      },
      settle: async (path, parent) => {
        const target = join(path, 'fs')
        await this.#copyParent(parent, target)
        const rules = { whiteouts: 'merged' } as const
        const input = { path: 'path' in layer ? layer.path : spool(path), compression, target, rules, expected }
        await runJob('unpackLayer', input, { signal, onProgress })
        await rm(spool(path), { force: true })
      },
    })
  }

  async diff(keyOrName: string, { to, compression = 'none', ...options }: DiffOptions = {}): Promise<LayerDiff> {
    const isShared = options.onBytes !== undefined
    return runJob('diffLayer', { ...this.#trees(keyOrName), to, compression, isShared }, options)
  }

  tar(keyOrName: string, options: { readonly signal?: AbortSignal } = {}): Readable {
    return streamJob('packLayer', this.#trees(keyOrName), options)
  }

  async changes(key: string): Promise<readonly Change[]> {
    return runJob('listChanges', this.#trees(key))
  }

  /** All that it takes: nothing is shared with its parent. */
  protected treeOf(record: SnapshotRecord): string {
    return this.folder.pathOf(record)
  }

  #trees(name: string): { readonly tree: string; readonly base: string | null } {
    const record = this.folder.get(name)
    const base = record.parent === undefined ? null : this.folder.pathOf(this.folder.get(record.parent))
    return { tree: this.folder.pathOf(record), base }
  }

  async #copyParent(parent: ChainId | undefined, to: string): Promise<void> {
    if (parent === undefined) return
    await runJob('copyTree', { from: this.folder.pathOf(this.folder.get(parent)), to })
  }
}
