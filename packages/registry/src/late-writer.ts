/**
 * Writes what was gathered a moment after the first of it came, one write after the other, so that no request waits for it.
 * `write` takes what waits by then; it doesn't throw. Disposing writes what still waits.
 */
export class LateWriter implements AsyncDisposable {
  readonly #write: () => Promise<void>
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(write: () => Promise<void>) {
    this.#write = write
  }

  /** In so many milliseconds at the latest that was said first; it keeps no process alive. */
  writeIn(ms: number): void {
    this.#timer ??= setTimeout(() => void this.flush(), ms).unref()
  }

  /** Now, after what is being written. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#writing = this.#writing.then(this.#write)
    return this.#writing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush()
  }
}
