import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, stat } from 'node:fs/promises'
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
import type { Adopt } from './adopt.ts'
import { directoryLayers } from './directory-layers.ts'
import { SnapshotFolder } from './folder.ts'
import { InFolder } from './in-folder.ts'
import type { SnapshotRecord } from './journal.ts'
import type { LayerForm } from './layer-form.ts'

/**
 * Off whatever the kernel's defaults are: a redirect or metacopy made by one kernel can't be read by tar, and a hostile
 * layer could use one to see into another.
 */
const safeOptions = ['redirect_dir', 'metacopy', 'index']

/** An older kernel doesn't know all of them. While the module isn't loaded nothing can be seen, and a new one is assumed. */
const knownOptions = (parameters = '/sys/module/overlay/parameters'): readonly string[] =>
  safeOptions
    .filter((name) => !existsSync(parameters) || existsSync(join(parameters, name)))
    .map((name) => `${name}=off`)

/** A snapshot's root as in the layer below: it is the upper one's that shows. */
const copyRoot = async (from: string, to: string): Promise<void> => {
  const { mode, uid, gid } = await stat(from)
  await chown(to, uid, gid)
  await chmod(to, mode & 0o7777)
}

/** Snapshots stacked by overlayfs: what is written is a directory, and layers have the form that they are given. */
export class OverlaySnapshotter extends InFolder implements Snapshotter {
  readonly driver: LayerForm['driver']
  readonly #layers: LayerForm
  readonly #options = knownOptions()

  private constructor(folder: SnapshotFolder, layers: LayerForm) {
    super(folder)
    this.#layers = layers
    this.driver = layers.driver
  }

  /** Throws conflict when another driver made `root`. */
  static async open(root: string, layers: LayerForm = directoryLayers()): Promise<OverlaySnapshotter> {
    const folder = await SnapshotFolder.open(root, layers.driver, (id) => layers.release(id))
    return new OverlaySnapshotter(folder, layers)
  }

  async prepare(key: string, parent?: ChainId): Promise<readonly Mount[]> {
    const [below] = this.folder.chain(parent)
    const fill = async (path: string): Promise<void> => {
      await mkdir(join(path, 'work'), { mode: 0o700 })
      if (below !== undefined) await copyRoot(this.treeOf(below), join(path, 'fs'))
    }
    return this.#mountsOf(await this.folder.create({ name: key, kind: 'active', parent, fill }))
  }

  async view(key: string, parent: ChainId): Promise<readonly Mount[]> {
    this.folder.chain(parent)
    return this.#mountsOf(await this.folder.create({ name: key, kind: 'view', parent, fill: async () => undefined }))
  }

  async mounts(key: string): Promise<readonly Mount[]> {
    const record = this.folder.get(key)
    if (record.kind === 'committed') throw conflict(`snapshot ${key} is committed: make a view of it`)
    return this.#mountsOf(record)
  }

  async unpack(layer: LayerFile | LayerStream, options: ApplyOptions = {}): Promise<UnpackedLayer> {
    return this.folder.unpack(this.#layers.unpacking(layer, options, (parent) => this.#lowers(parent)))
  }

  /** As `unpack`, of a layer that its maker writes: see `adopterOf`. */
  get adopt(): Adopt | undefined {
    const { adopting } = this.#layers
    return adopting && ((write) => this.folder.unpack(adopting(write, (parent) => this.#lowers(parent))))
  }

  async diff(
    keyOrName: string,
    { to, compression = 'none', fromDisk, ...options }: DiffOptions = {},
  ): Promise<LayerDiff> {
    const record = this.folder.get(keyOrName)
    using shown = fromDisk === true ? this.#layers.showFromDisk(record, this.folder.placeOf(record)) : undefined
    const tree = shown?.path ?? this.treeOf(record)
    const isShared = options.onBytes !== undefined
    return await runJob('diffLayer', { tree, to, compression, isShared }, options)
  }

  tar(keyOrName: string, options: { readonly signal?: AbortSignal } = {}): Readable {
    return streamJob('packLayer', { tree: this.treeOf(this.folder.get(keyOrName)) }, options)
  }

  async changes(key: string): Promise<readonly Change[]> {
    const record = this.folder.get(key)
    return runJob('listChanges', { upper: this.treeOf(record), lowers: this.#lowers(record.parent) })
  }

  /** Waits for what is being deleted. */
  override async [Symbol.asyncDispose](): Promise<void> {
    this.#layers[Symbol.dispose]()
    await super[Symbol.asyncDispose]()
  }

  /** A directory that shows what a snapshot holds beyond its parent. */
  protected treeOf(record: SnapshotRecord): string {
    return this.#layers.show(record, this.folder.placeOf(record))
  }

  /** Top first. */
  #lowers(parent: ChainId | undefined): readonly string[] {
    return this.folder.chain(parent).map((record) => this.treeOf(record))
  }

  #mountsOf(record: SnapshotRecord): readonly Mount[] {
    const lowers = this.#lowers(record.parent)
    const fs = this.folder.pathOf(record)
    if (lowers.length === 0) return [{ type: 'bind', source: fs, options: ['rbind', 'rw'] }]
    if (record.kind === 'active') {
      const upper = [`upperdir=${fs}`, `workdir=${this.folder.pathOf(record, 'work')}`]
      return [this.#overlay([`lowerdir=${lowers.join(':')}`, ...upper])]
    }
    // Without an upper layer overlayfs wants two lower ones, and a bind mount of one would show its whiteouts.
    const stack = lowers.length === 1 ? [...lowers, join(this.folder.root, 'empty')] : lowers
    return [this.#overlay(['ro', `lowerdir=${stack.join(':')}`])]
  }

  #overlay(options: readonly string[]): Mount {
    return { type: 'overlay', source: 'overlay', options: [...options, ...this.#options] }
  }
}
