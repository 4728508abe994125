/** Gives names out to one holder at a time; whoever comes later waits in line. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>()

  /** Waits for the name, and returns what gives it back. Giving back twice is no error. */
  async take(name: string): Promise<() => void> {
    const before = this.#last.get(name)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last.set(name, promise)
    await before
    return () => {
      if (this.#last.get(name) === promise) this.#last.delete(name)
      resolve()
    }
  }
}
