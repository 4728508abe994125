import type {
  AppliedLayer,
  ApplyOptions,
  CanReplace,
  ChainId,
  LayerFile,
  LayerStream,
  SnapshotInfo,
  UnpackedLayer,
} from '@slipway/core'
import { runJob } from '../workers/run.ts'
import { infoOf, type SnapshotFolder } from './folder.ts'
import type { SnapshotRecord } from './journal.ts'

/** What snapshotters over a `SnapshotFolder` have in common: all that is a matter of the folder, and not of what is in it. */
export abstract class InFolder implements CanReplace, AsyncDisposable {
  protected readonly folder: SnapshotFolder

  constructor(folder: SnapshotFolder) {
    this.folder = folder
  }

  /** A directory that shows what a snapshot takes. */
  protected abstract treeOf(record: SnapshotRecord): string

  abstract unpack(layer: LayerFile | LayerStream, options?: ApplyOptions): Promise<UnpackedLayer>

  async commit(key: string, name: ChainId): Promise<void> {
    await this.folder.commit(key, name)
  }

  async replace(name: ChainId, by: ChainId): Promise<void> {
    await this.folder.replace(name, by)
  }

  async remove(keyOrName: string): Promise<void> {
    await this.folder.remove(keyOrName)
  }

  async stat(keyOrName: string): Promise<SnapshotInfo | undefined> {
    const record = this.folder.find(keyOrName)
    return record === undefined ? undefined : infoOf(record)
  }

  async usage(keyOrName: string): Promise<{ readonly bytes: number; readonly inodes: number }> {
    const record = this.folder.get(keyOrName)
    if (record.usage !== undefined) return record.usage
    const usage = await runJob('measureTree', { path: this.treeOf(record) })
    await this.folder.noteUsage(record, usage)
    return usage
  }

  async *list(): AsyncGenerator<SnapshotInfo, void, void> {
    for (const record of this.folder.list()) yield infoOf(record)
  }

  async apply(
    layer: LayerFile,
    name: ChainId,
    parent: ChainId | undefined,
    options: ApplyOptions = {},
  ): Promise<AppliedLayer> {
    return this.folder.apply(name, parent, { ...layer, ...options }, () => this.unpack(layer, options))
  }

  missing(): Promise<readonly SnapshotInfo[]> {
    return this.folder.missing()
  }

  strays(): Promise<readonly string[]> {
    return this.folder.strays()
  }

  async cleanup(): Promise<void> {
    await this.folder.cleanup()
  }

  /** Waits for what is being deleted. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]()
  }
}
