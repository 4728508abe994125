const passwords = { allowed: 10, windowMs: 5 * 60_000 }
const maximumEntries = 10_000

interface Failures {
  readonly count: number
  readonly until: number
}

/**
 * Counts wrong passwords by account and address, in this process. An address that guessed ten times has to wait; the account's
 * owner, elsewhere, doesn't.
 */
export class FailedAttempts {
  readonly #failures = new Map<string, Failures>()
  readonly #limit: { readonly allowed: number; readonly windowMs: number }
  readonly #now: () => number

  constructor(limit = passwords, now: () => number = Date.now) {
    this.#limit = limit
    this.#now = now
  }

  /** Seconds to wait before another try; 0: go on. */
  waitFor(account: string, address: string): number {
    const failures = this.#failures.get(`${account}\0${address}`)
    if (failures === undefined || failures.count < this.#limit.allowed) return 0
    return Math.max(0, Math.ceil((failures.until - this.#now()) / 1000))
  }

  failed(account: string, address: string): void {
    const key = `${account}\0${address}`
    const before = this.#failures.get(key)
    const count = before && before.until > this.#now() ? before.count + 1 : 1
    this.#failures.delete(key)
    this.#failures.set(key, { count, until: this.#now() + this.#limit.windowMs })
    const oldest = this.#failures.keys().next()
    if (this.#failures.size > maximumEntries && !oldest.done) this.#failures.delete(oldest.value)
  }

  /** It was no wrong password: it couldn't be found out. */
  forgive(account: string, address: string): void {
    const key = `${account}\0${address}`
    const before = this.#failures.get(key)
    if (before !== undefined) this.#failures.set(key, { ...before, count: before.count - 1 })
  }

  succeeded(account: string, address: string): void {
    this.#failures.delete(`${account}\0${address}`)
  }
}
