import type { Readable } from 'node:stream'
import type { Bytes } from './content.ts'
import type { Compression } from './descriptor.ts'
import type { ChainId, DiffId, Digest } from './digest.ts'

/** One mount(2). Snapshotters describe mounts; whoever runs something on them mounts them. */
export interface Mount {
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

export type SnapshotKind = 'active' | 'view' | 'committed'

export interface SnapshotInfo {
  readonly name: string
  readonly kind: SnapshotKind
  readonly parent?: ChainId
  readonly createdAt: Date
}

/** A layer as a file: its tar, perhaps compressed. */
export interface LayerFile {
  readonly path: string
  /** Default: told by the magic bytes. */
  readonly compression?: Compression
}

/** A layer's tar as it comes, perhaps compressed. */
export interface LayerStream {
  readonly bytes: Bytes
  /** Default: told by the magic bytes. */
  readonly compression?: Compression
}

export interface AppliedLayer {
  readonly diffId: DiffId
  /** Bytes of the uncompressed tar. */
  readonly size: number
}

/** A layer that is on disk, but has no place in a stack yet. Disposing takes it away, unless it was committed. */
export interface UnpackedLayer extends AppliedLayer, AsyncDisposable {
  /**
   * Makes it the committed snapshot `name`. Throws not-found when the parent isn't there, and invalid when it doesn't fit
   * on that. If the name is there already, this layer is dropped instead.
   */
  commit(name: ChainId, parent: ChainId | undefined): Promise<void>
}

export interface ApplyOptions {
  /** What the uncompressed tar must be. */
  readonly expected?: DiffId
  /** What it is, of someone who reads the same bytes: they needn't be hashed a second time then. For `unpack()` alone. */
  readonly hashed?: Promise<DiffId>
  readonly signal?: AbortSignal
  /** Told how many more bytes of the file were read. */
  readonly onProgress?: (bytes: number) => void
}

export interface DiffOptions {
  /** A new file for the tar. */
  readonly to?: string
  /** Of the file; default: none. */
  readonly compression?: Compression
  /** Reads what the disk has, not what the kernel remembers of a layer that is mounted. */
  readonly fromDisk?: boolean
  readonly signal?: AbortSignal
  /** Bytes of the tar, as they are done: several calls, each with what is new. */
  readonly onProgress?: (bytes: number) => void
  /**
   * Gets the file's bytes while they are written, and is to read them to the end: nothing goes on until it has. A piece is
   * good until the next one is asked for.
   */
  readonly onBytes?: (bytes: AsyncIterable<Uint8Array>) => void
}

/** What `diff()` found: the uncompressed tar's digest and length, and those of the file that was written, if one was. */
export interface LayerDiff {
  readonly diffId: DiffId
  readonly size: number
  readonly file?: { readonly digest: Digest; readonly size: number }
}

export type ChangeKind = 'added' | 'modified' | 'deleted'
export interface Change {
  readonly kind: ChangeKind
  /** Absolute, as seen inside the container. */
  readonly path: string
}

/**
 * Filesystems that stand on one another.
 *
 * An *active* snapshot has a key, chosen by its user (a container id, a build step), can be written, and belongs to one
 * user. A *view* has a key and can only be read. A *committed* one is named by its chain id, never changes, and can be a
 * parent. Nothing is removed while something stands on it: `remove()` throws conflict.
 *
 * **Pulling a layer**: `apply(file, name, parent, { expected })` for each layer, from the bottom up or all at once; when
 * it returns, the layer is on disk under its chain id, and a crash before that leaves nothing that `cleanup()` doesn't
 * find. Or in two steps: `unpack()` each as its bytes come, in any order and side by side, which is the long part; then
 * `commit()` what that returned, from the bottom up, which is short (the copying driver does all its work there).
 *
 * **Running a container**: `prepare(id, imageChainId)`, mount what it returns, and later `mounts(id)` again after a reboot;
 * `remove(id)` with the container. What it wrote is `changes(id)` and, as a layer, `diff(id)`.
 *
 * **Building**: `prepare(step, parentChainId)`, run, `diff(step)` for the diffID, then `commit(step, chainId)`: the
 * writable layer itself becomes the layer; nothing is copied.
 */
export interface Snapshotter {
  /** Its name: `erofs`, `overlay`, `copy`. */
  readonly driver: string
  /** Throws already-exists when the key is taken, not-found when the parent isn't there. */
  prepare(key: string, parent?: ChainId): Promise<readonly Mount[]>
  view(key: string, parent: ChainId): Promise<readonly Mount[]>
  /** The mounts of an active snapshot or a view. */
  mounts(key: string): Promise<readonly Mount[]>
  /** Makes an active snapshot a committed one. If the name is there already, the active one is dropped instead. */
  commit(key: string, name: ChainId): Promise<void>
  /** Throws conflict while something stands on it; a key or name that isn't there is no error. */
  remove(keyOrName: string): Promise<void>
  stat(keyOrName: string): Promise<SnapshotInfo | undefined>
  /** What it holds beyond its parent. */
  usage(keyOrName: string): Promise<{ readonly bytes: number; readonly inodes: number }>
  list(): AsyncIterable<SnapshotInfo>

  /**
   * Unpacks a layer as the committed snapshot `name`. Throws invalid when the tar is bad, leaves the root, or isn't
   * `expected`; nothing stays behind then. Does nothing if `name` is there already.
   */
  apply(layer: LayerFile, name: ChainId, parent: ChainId | undefined, options?: ApplyOptions): Promise<AppliedLayer>
  /** The same without a place in a stack: see `UnpackedLayer`. */
  unpack(layer: LayerFile | LayerStream, options?: ApplyOptions): Promise<UnpackedLayer>
  /**
   * The layer's tar: what it holds beyond its parent, with whiteouts, in a fixed order, so that the same snapshot always
   * gives the same bytes. Written to `to` when given (created, not yet fsynced).
   */
  diff(keyOrName: string, options?: DiffOptions): Promise<LayerDiff>
  /** The same tar, read as it is made. */
  tar(keyOrName: string, options?: { readonly signal?: AbortSignal }): Readable
  /** What `docker diff` shows. */
  changes(key: string): Promise<readonly Change[]>
  /** Those whose files are gone from the disk: nobody asked for that. */
  missing(): Promise<readonly SnapshotInfo[]>
  /** Paths of what lies where snapshots do and is none, nor about to be: what the last process had half done, or a stranger's. */
  strays(): Promise<readonly string[]>
  /** Removes that, before anything else at start-up. */
  cleanup(): Promise<void>
}

/** Optional power: a layer that is damaged gets new files while others stand on it. */
export interface CanReplace {
  /**
   * Gives the committed snapshot `name` the files of `by`, another one of the same layer on the same parent, which is gone
   * then. What is mounted on `name` would lose its files: the caller sees to it that nothing is.
   */
  replace(name: ChainId, by: ChainId): Promise<void>
}

export const canReplace = (snapshots: Snapshotter): snapshots is Snapshotter & CanReplace => 'replace' in snapshots
