const maximumEntries = 10_000

export interface AttemptLimit {
  readonly allowed: number
  readonly windowMs: number
}

/** An address that guessed ten times has to wait; the account's owner, elsewhere, doesn't. */
export const wrongPasswords: AttemptLimit = { allowed: 10, windowMs: 5 * 60_000 }

/** Whose guesses are counted together: an account, and an address or '' for all of them. */
export interface Guesser {
  readonly account: string
  readonly address: string
}

/** Counts wrong passwords or codes, each as wrong until it is known to be right: a hundred guesses at once are a hundred. */
export interface Attempts {
  /** Seconds to wait before another try; 0: go on, it is counted. */
  begin(guesser: Guesser): Promise<number>
  /** It was no wrong one: it couldn't be found out. */
  forgive(guesser: Guesser): Promise<void>
  succeeded(guesser: Guesser): Promise<void>
}

interface Failures {
  readonly count: number
  readonly until: number
}

const keyOf = ({ account, address }: Guesser): string => `${account}\0${address}`

/** In this process alone. */
export class FailedAttempts implements Attempts {
  readonly #failures = new Map<string, Failures>()
  readonly #limit: AttemptLimit
  readonly #now: () => number

  constructor(limit = wrongPasswords, now: () => number = Date.now) {
    this.#limit = limit
    this.#now = now
  }

  async begin(guesser: Guesser): Promise<number> {
    const seconds = this.waitFor(guesser)
    if (seconds === 0) this.failed(guesser)
    return seconds
  }

  waitFor(guesser: Guesser): number {
    const failures = this.#failures.get(keyOf(guesser))
    if (failures === undefined || failures.count < this.#limit.allowed) return 0
    return Math.max(0, Math.ceil((failures.until - this.#now()) / 1000))
  }

  failed(guesser: Guesser): void {
    const key = keyOf(guesser)
    const before = this.#failures.get(key)
    const count = before && before.until > this.#now() ? before.count + 1 : 1
    this.#failures.delete(key)
    this.#failures.set(key, { count, until: this.#now() + this.#limit.windowMs })
    const oldest = this.#failures.keys().next()
    if (this.#failures.size > maximumEntries && !oldest.done) this.#failures.delete(oldest.value)
  }

  async forgive(guesser: Guesser): Promise<void> {
    const key = keyOf(guesser)
    const before = this.#failures.get(key)
    if (before !== undefined) this.#failures.set(key, { ...before, count: before.count - 1 })
  }

  async succeeded(guesser: Guesser): Promise<void> {
    this.#failures.delete(keyOf(guesser))
  }
}
