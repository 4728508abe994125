import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import {
  type AppliedLayer,
  type ApplyOptions,
  type CanReplace,
  type ChainId,
  type Change,
  conflict,
  type LayerDiff,
  type LayerFile,
  type LayerStream,
  type Mount,
  type SnapshotInfo,
  type Snapshotter,
  type UnpackedLayer,
} from '@slipway/core'
import { runJob, streamJob } from '../workers/run.ts'
import { infoOf, SnapshotFolder } from './folder.ts'
import type { SnapshotRecord } from './journal.ts'
import { type DiffOptions, inputOf } from './options.ts'

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

/** Snapshots are directories, stacked by overlayfs. */
export class OverlaySnapshotter implements Snapshotter, CanReplace, AsyncDisposable {
  readonly #folder: SnapshotFolder
  readonly #options = knownOptions()

  private constructor(folder: SnapshotFolder) {
    this.#folder = folder
  }

  /** Throws conflict when another driver made `root`. */
  static async open(root: string): Promise<OverlaySnapshotter> {
    return new OverlaySnapshotter(await SnapshotFolder.open(root, 'overlay'))
  }

  async prepare(key: string, parent?: ChainId): Promise<readonly Mount[]> {
    this.#folder.chain(parent)
    const fill = async (path: string): Promise<void> => {
      await mkdir(join(path, 'work'), { mode: 0o700 })
    }
    return this.#mountsOf(await this.#folder.create({ name: key, kind: 'active', parent, fill }))
  }

  async view(key: string, parent: ChainId): Promise<readonly Mount[]> {
    this.#folder.chain(parent)
    return this.#mountsOf(await this.#folder.create({ name: key, kind: 'view', parent, fill: async () => undefined }))
  }

  async mounts(key: string): Promise<readonly Mount[]> {
    const record = this.#folder.get(key)
    if (record.kind === 'committed') throw conflict(`snapshot ${key} is committed: make a view of it`)
    return this.#mountsOf(record)
  }

  async commit(key: string, name: ChainId): Promise<void> {
    await this.#folder.commit(key, name)
  }

  async replace(name: ChainId, by: ChainId): Promise<void> {
    await this.#folder.replace(name, by)
  }

  async remove(keyOrName: string): Promise<void> {
    await this.#folder.remove(keyOrName)
  }

  async stat(keyOrName: string): Promise<SnapshotInfo | undefined> {
    const record = this.#folder.find(keyOrName)
    return record === undefined ? undefined : infoOf(record)
  }

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

  async apply(
    layer: LayerFile,
    name: ChainId,
    parent: ChainId | undefined,
    options: ApplyOptions = {},
  ): Promise<AppliedLayer> {
    return this.#folder.apply(name, parent, { ...layer, ...options }, () => this.unpack(layer, options))
  }

  async unpack(
    layer: LayerFile | LayerStream,
    { expected, signal, onProgress }: ApplyOptions = {},
  ): Promise<UnpackedLayer> {
    const [input, source] = inputOf(layer)
    let implied: readonly string[] = []
    return this.#folder.unpack({
      fill: async (path) => {
        const target = join(path, 'fs')
        await mkdir(target)
        const rules = { whiteouts: 'overlay' } as const
        const unpacked = await runJob(
          'unpackLayer',
          { ...input, target, rules, expected },
          { ...source, signal, onProgress },
        )
        implied = unpacked.implied
        return unpacked
      },
      settle: async (path, parent) => {
        const lowers = this.#lowers(parent)
        if (lowers.length > 0) await runJob('settleImplied', { tree: join(path, 'fs'), lowers, implied })
      },
    })
  }

  async diff(keyOrName: string, { to, compression = 'none', signal }: DiffOptions = {}): Promise<LayerDiff> {
    const tree = this.#folder.pathOf(this.#folder.get(keyOrName))
    return runJob('diffLayer', { tree, to, compression }, { signal })
  }

  tar(keyOrName: string, options: { readonly signal?: AbortSignal } = {}): Readable {
    return streamJob('packLayer', { tree: this.#folder.pathOf(this.#folder.get(keyOrName)) }, options)
  }

  async changes(key: string): Promise<readonly Change[]> {
    const record = this.#folder.get(key)
    return runJob('listChanges', { upper: this.#folder.pathOf(record), lowers: this.#lowers(record.parent) })
  }

  async cleanup(): Promise<void> {
    await this.#folder.cleanup()
  }

  /** Waits for what is being deleted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#folder[Symbol.asyncDispose]()
  }

  /** Top first. */
  #lowers(parent: ChainId | undefined): readonly string[] {
    return this.#folder.chain(parent).map((record) => this.#folder.pathOf(record))
  }

  #mountsOf(record: SnapshotRecord): readonly Mount[] {
    const lowers = this.#lowers(record.parent)
    const fs = this.#folder.pathOf(record)
    if (lowers.length === 0) return [{ type: 'bind', source: fs, options: ['rbind', 'rw'] }]
    if (record.kind === 'active') {
      const upper = [`upperdir=${fs}`, `workdir=${this.#folder.pathOf(record, 'work')}`]
      return [this.#overlay([`lowerdir=${lowers.join(':')}`, ...upper])]
    }
    // Without an upper layer overlayfs wants two lower ones, and a bind mount of one would show its whiteouts.
    const stack = lowers.length === 1 ? [...lowers, join(this.#folder.root, 'empty')] : lowers
    return [this.#overlay(['ro', `lowerdir=${stack.join(':')}`])]
  }

  #overlay(options: readonly string[]): Mount {
    return { type: 'overlay', source: 'overlay', options: [...options, ...this.#options] }
  }
}
