import { closeSync, constants, openSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { hasErrno } from '@slipway/core'
import { directBlock } from '@slipway/linux'

const writtenAt = promisify(write)

/**
 * Writes whole blocks of a file from memory to the disk, around the page cache (O_DIRECT): for what is large and will not be
 * read soon. Through the page cache each GB costs 0.35 s of a processor, and where the kernel has to find the memory first
 * (a virtual machine that gives back what it doesn't use, or one whose memory is full of other files' pages) up to 2 s;
 * around it, 0.12 s.
 */
export class DirectFile implements Disposable {
  readonly #fd: number | undefined
  #isRefused = false

  private constructor(fd: number | undefined) {
    this.#fd = fd
  }

  /** A file that is there. Some file systems don't know of this: then `write()` takes nothing. */
  static open(path: string): DirectFile {
    try {
      return new DirectFile(openSync(path, constants.O_WRONLY | constants.O_DIRECT))
    } catch (error) {
      if (hasErrno(error, 'EINVAL')) return new DirectFile(undefined)
      throw error
    }
  }

  /**
   * Writes `bytes` at `at`, on another thread and perhaps beside other such writes, and returns how many it has taken: all whole
   * blocks, or none. The rest is the caller's to write as usual. `bytes` lie in `alignedMemory()`, at its beginning, and stay as
   * they are meanwhile.
   */
  async write(bytes: Uint8Array, at: number): Promise<number> {
    const length = at % directBlock === 0 ? bytes.length - (bytes.length % directBlock) : 0
    for (let done = 0; done < length; ) {
      if (this.#fd === undefined || this.#isRefused) return done
      try {
        done += (await writtenAt(this.#fd, bytes, done, length - done, at + done)).bytesWritten
      } catch (error) {
        if (!hasErrno(error, 'EINVAL')) throw error
        // This disk wants larger blocks, or memory of another kind. Others may be writing still: the file stays open.
        this.#isRefused = true
      }
    }
    return length
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }
}
