import type { ApplyOptions, LayerFile, LayerStream } from '@slipway/core'
import type { WrittenImage } from '../erofs/write-image.ts'
import type { Unpacking } from './folder.ts'
import type { SnapshotRecord } from './journal.ts'

/** How the layers that are unpacked lie on disk. What is written to a snapshot is a directory, and stays one as a layer. */
export interface LayerForm extends Disposable {
  /** By this name a data root says what made it. */
  readonly driver: 'overlay' | 'erofs'
  /** `lowersOf` gives the directories that show what the layer stands on, top first. */
  unpacking(layer: LayerFile | LayerStream, options: ApplyOptions, lowersOf: LowersOf): Unpacking
  /** The same of a layer that its maker writes as an image; undefined: layers are none. */
  readonly adopting?: (write: WriteLayer, lowersOf: LowersOf) => Unpacking
  /** A directory that shows a layer, for as long as the layer is there; `path` is the layer's place. */
  show(record: SnapshotRecord, path: string): string
  /** As `show`, of what the disk has: the kernel may remember otherwise. */
  showFromDisk(record: SnapshotRecord, path: string): ShownLayer
  /** The layer that is there goes. */
  release(id: number): void
}

/** Shown until it is disposed of. */
export interface ShownLayer extends Disposable {
  readonly path: string
}

/** Writes a layer's image (see `LayerImage`) to a new file. */
export type WriteLayer = (image: string) => Promise<WrittenImage>

export type LowersOf = (parent: Parameters<Unpacking['settle']>[1]) => readonly string[]
