import { readdirSync } from 'node:fs'
import type { Directories } from './directories.ts'
import { statIn } from './directories.ts'
import { joinNames, ofDescriptor, type RawName, splitLast } from './file-name.ts'
import { removeEntry } from './remove-tree.ts'

/**
 * Whiteouts where the layers below are in the same directory: they remove, but never what this layer itself has brought,
 * whichever came first in the tar.
 */
export class Whiteouts {
  readonly #directories: Directories
  readonly #unpacked = new Set<RawName>()

  constructor(directories: Directories) {
    this.#directories = directories
  }

  /** This layer has brought `path`, and so all directories above it. */
  unpacked(path: RawName): void {
    for (let at = path; at !== '' && !this.#unpacked.has(at); at = splitLast(at).parent) this.#unpacked.add(at)
  }

  /** What was at `path` is gone, with all below it. */
  replaced(path: RawName): void {
    const below = `${path}/`
    for (const each of this.#unpacked) if (each.startsWith(below)) this.#unpacked.delete(each)
  }

  hide(parent: RawName, name: RawName): void {
    const fd = this.#directories.find(parent)
    if (fd === undefined) return
    const path = joinNames(parent, name)
    if (this.#unpacked.has(path)) {
      if (statIn(fd, name)?.isDirectory()) this.hideAllBelow(path)
      return
    }
    removeEntry(fd, name)
    this.#directories.forget()
  }

  hideAllBelow(path: RawName): void {
    const fd = this.#directories.find(path)
    if (fd === undefined) return
    const names = readdirSync(ofDescriptor(fd), 'latin1')
    for (const name of names) this.hide(path, name)
  }
}
