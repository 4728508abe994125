/** Does one thing at a time for each key: `lock.run(containerId, async () => …)`. Waiters go in the order they came. */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(key: string, body: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const mine = (before ?? Promise.resolve()).then(body, body)
    this.#tails.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key)
    }
  }
}
