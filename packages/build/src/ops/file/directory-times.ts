import { setTimes } from '@slipway/linux'
import { statOf } from './tree/disk.ts'

/**
 * Times that don't depend on when something was built: a directory that something is put into keeps the one it had, and
 * one that had to be made gets 1970's. Without that no layer would be made twice alike.
 */
export class DirectoryTimes {
  readonly #times = new Map<string, bigint>()

  willChange(path: string): void {
    if (this.#times.has(path)) return
    const stat = statOf(path)
    if (stat !== undefined) this.#times.set(path, stat.mtimeNs)
  }

  wasMade(path: string): void {
    this.#times.set(path, 0n)
  }

  /** After the last change. */
  restore(): void {
    for (const [path, time] of this.#times) {
      if (statOf(path)?.isDirectory()) setTimes(path, { atimeNs: time, mtimeNs: time })
    }
  }
}
