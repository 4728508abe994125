import { SlipwayError } from '@slipway/core'

/**
 * Who may have one of so many connections; the others wait in line, and not for ever. The pool has a line too, but the time in
 * it counts as time of connecting: with a short one, whoever is only behind others would be told that the database is away.
 */
export class ConnectionTurns {
  #free: number
  readonly #patienceMs: number
  readonly #waiting = new Set<() => void>()

  constructor(connections: number, patienceMs: number) {
    this.#free = connections
    this.#patienceMs = patienceMs
  }

  /** Throws unavailable when it takes too long. Whoever had a turn gives it back. */
  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    const timer = setTimeout(() => {
      // It may have been given a turn a moment ago.
      if (this.#waiting.delete(resolve)) reject(tooBusy())
    }, this.#patienceMs)
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
  }

  give(): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free += 1
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

const tooBusy = (): SlipwayError =>
  new SlipwayError('unavailable', 'the database is busy', { detail: { retryAfterSeconds: 5 } })
