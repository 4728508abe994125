import type { BlockFile } from '../content/block-file.ts'
import { blockSize, nidUnit } from './format.ts'

/** Blocks of inodes that are collected before they are written, so that they lie together. */
const groupBlocks = 64
const unitsPerBlock = blockSize / nidUnit

/**
 * Inodes, written between the files' data as they come, so that nothing has to be kept until the end: neither they nor the
 * tails of files that lie behind them. Each gets a number at once; its nid is known when its block has its place.
 */
export class InodeArea {
  readonly #file: BlockFile
  readonly #group = Buffer.alloc(groupBlocks * blockSize)
  /** Bytes used of the group. */
  #used = 0
  /** Which block of the image each block of inodes is; those of the group are still to come. */
  readonly #places: number[] = []

  constructor(file: BlockFile) {
    this.#file = file
  }

  /**
   * Zeroed bytes for an inode and what follows it, in one block if they fit into one, and its number. Never in the middle of a
   * file's data.
   */
  add(length: number, write: (into: Buffer, at: number) => void): number {
    if (length > blockSize) return this.#addLarge(length, write)
    const left = blockSize - (this.#used % blockSize)
    if (this.#used % blockSize !== 0 && left < length) this.#used += left
    if (this.#used + length > this.#group.length) this.flush()
    const number = this.#places.length * unitsPerBlock + this.#used / nidUnit
    write(this.#group, this.#used)
    this.#used += Math.ceil(length / nidUnit) * nidUnit
    return number
  }

  #addLarge(length: number, write: (into: Buffer, at: number) => void): number {
    this.flush()
    const number = this.#places.length * unitsPerBlock
    const bytes = Buffer.alloc(Math.ceil(length / blockSize) * blockSize)
    write(bytes, 0)
    this.#append(bytes)
    return number
  }

  flush(): void {
    if (this.#used === 0) return
    this.#append(this.#group.subarray(0, Math.ceil(this.#used / blockSize) * blockSize))
    this.#group.fill(0, 0, this.#used)
    this.#used = 0
  }

  /** Where inode `number` lies in the image, in bytes. Only after `flush()`. */
  offsetOf(number: number): number {
    const place = this.#places[Math.floor(number / unitsPerBlock)] as number
    return place * blockSize + (number % unitsPerBlock) * nidUnit
  }

  #append(blocks: Uint8Array): void {
    const first = this.#file.length / blockSize
    for (let at = 0; at < blocks.length / blockSize; at++) this.#places.push(first + at)
    this.#file.append(blocks)
  }
}
