import type { BlockFile } from '../content/block-file.ts'
import { blockBits, blockSize, blocksOf, inodeSize, type Layout, noBlock } from './format.ts'

/** Where a file's content lies, once all of it has come. */
export interface Placed {
  readonly layout: Layout
  readonly start: number
  /** What lies behind the inode and its xattrs: the tail, or the map of chunks. */
  readonly behind: Buffer
}

/** Takes a file's bytes as they come. */
export interface FileBody {
  take(bytes: Buffer): void
  /** So many zeros. */
  hole(length: number): void
  end(): Placed
}

const nothing = Buffer.alloc(0)
/** A longer tail would rarely find a block of inodes that has room for it. */
const longestTail = blockSize / 2

/** Whole blocks one after the other, and the rest behind the inode where that fits, else in a block of its own. */
export class PlainBody implements FileBody {
  readonly #file: BlockFile
  readonly #start: number
  readonly #tail: Buffer
  /** Bytes still to come before the tail. */
  #whole: number
  #tailFilled = 0

  constructor(file: BlockFile, size: number, xattrs: number) {
    this.#file = file
    this.#start = file.length / blockSize
    const rest = size % blockSize
    const isInline = rest <= longestTail && inodeSize + xattrs + rest <= blockSize
    this.#tail = isInline && rest > 0 ? Buffer.allocUnsafe(rest) : nothing
    this.#whole = size - this.#tail.length
  }

  take(bytes: Buffer): void {
    const whole = bytes.subarray(0, this.#whole)
    this.#whole -= whole.length
    this.#file.append(whole)
    this.#tailFilled += bytes.copy(this.#tail, this.#tailFilled, whole.length)
  }

  /** Only small files come here. */
  hole(length: number): void {
    this.take(Buffer.alloc(length))
  }

  end(): Placed {
    this.#file.pad()
    const isEmpty = this.#file.length / blockSize === this.#start
    const start = isEmpty ? noBlock : this.#start
    return { layout: this.#tail.length > 0 ? 'inline' : 'plain', start, behind: this.#tail }
  }
}

const smallestChunk = 64 * 1024
/** A map has 4 bytes for each. */
const mostChunks = 1 << 18
/** So that a chunk of zeros is never written before it is known to be one. */
const unitSize = smallestChunk

const chunkSizeFor = (size: number): number => {
  let chunk = smallestChunk
  while (size / chunk > mostChunks) chunk *= 2
  return chunk
}

/** A file smaller than this isn't looked through for zeros. */
export const smallestWithHoles = 16 * smallestChunk

/**
 * A large file, in chunks; those that hold nothing but zeros are holes, and take no room: here and, since copy-up looks
 * for holes, in a container's writable layer too. Without any it is a plain file.
 */
export class ChunkedBody implements FileBody {
  readonly #file: BlockFile
  readonly #size: number
  readonly #chunk: number
  readonly #map: number[] = []
  readonly #unit = Buffer.allocUnsafe(unitSize)
  #filled = 0
  /** Bytes taken before the unit. */
  #taken = 0

  constructor(file: BlockFile, size: number) {
    this.#file = file
    this.#size = size
    this.#chunk = chunkSizeFor(size)
  }

  take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#filled === 0 && bytes.length - at >= unitSize) {
        this.#endUnit(bytes.subarray(at, at + unitSize))
        at += unitSize
        continue
      }
      const copied = bytes.copy(this.#unit, this.#filled, at)
      at += copied
      this.#filled += copied
      if (this.#filled === unitSize) this.#endUnit(this.#unit)
    }
  }

  hole(length: number): void {
    let left = length
    while (left > 0) {
      const isWholeUnit = this.#filled === 0 && left >= unitSize
      if (isWholeUnit) {
        const units = Math.floor(left / unitSize) * unitSize
        this.#taken += units
        left -= units
        continue
      }
      const part = Math.min(left, unitSize - this.#filled)
      this.#unit.fill(0, this.#filled, this.#filled + part)
      this.#filled += part
      left -= part
      if (this.#filled === unitSize) this.#endUnit(this.#unit)
    }
  }

  end(): Placed {
    this.#endUnit(this.#unit.subarray(0, this.#filled))
    this.#endChunk()
    this.#file.pad()
    const count = Math.ceil(this.#size / this.#chunk)
    const [first = noBlock] = this.#map
    const step = this.#chunk / blockSize
    const isPlain = this.#map.length === count && this.#map.every((block, at) => block === first + at * step)
    if (isPlain) return { layout: 'plain', start: first, behind: nothing }
    const map = Buffer.allocUnsafe(count * 4)
    for (let at = 0; at < count; at++) map.writeUInt32LE(this.#map[at] ?? noBlock, at * 4)
    return { layout: 'chunks', start: Math.log2(this.#chunk) - blockBits, behind: map }
  }

  #endUnit(bytes: Buffer): void {
    if (!isZero(bytes)) this.#place(bytes)
    this.#taken += bytes.length
    this.#filled = 0
  }

  /** The chunk's zeros up to here get their place with its first bytes that are none. */
  #place(bytes: Buffer): void {
    const chunk = Math.floor(this.#taken / this.#chunk)
    if (this.#map[chunk] === undefined) {
      this.#endChunk()
      while (this.#map.length < chunk) this.#map.push(noBlock)
      this.#map[chunk] = this.#file.length / blockSize
    }
    const start = (this.#map[chunk] as number) * blockSize
    const gap = start + (this.#taken - chunk * this.#chunk) - this.#file.length
    if (gap > 0) this.#file.skip(gap)
    this.#file.append(bytes)
  }

  /** A chunk that ends in zeros ends at its end all the same: what follows it lies behind. */
  #endChunk(): void {
    const last = this.#map.at(-1)
    if (last === undefined) return
    const end = Math.min(this.#chunk, this.#size - (this.#map.length - 1) * this.#chunk)
    const gap = last * blockSize + blocksOf(end) * blockSize - this.#file.length
    if (gap > 0) this.#file.skip(gap)
  }
}

/** Four times as fast as looking at each byte: compared with itself, shifted by one. */
const isZero = (bytes: Buffer): boolean =>
  bytes.length === 0 || (bytes[0] === 0 && bytes.compare(bytes, 1, bytes.length, 0, bytes.length - 1) === 0)
