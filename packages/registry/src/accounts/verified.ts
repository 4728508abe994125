import { createHmac, randomBytes } from 'node:crypto'
import type { Account } from './records.ts'

const lifeMs = 60_000
const maximumEntries = 1000

/**
 * Passwords that were right a moment ago: a push makes dozens of requests, and scrypt is meant to be slow. Holds no
 * secrets, only their HMAC under a key of this process; the account's hash is part of it, so that a changed password is
 * a miss at once, also when another process changed it.
 */
export class VerifiedCredentials {
  readonly #key = randomBytes(32)
  readonly #until = new Map<string, number>()
  readonly #pending = new Map<string, Promise<boolean>>()

  /** Asks `verify` unless the same was found right within the last minute, or is being found out right now. */
  async check(
    account: Pick<Account, 'name' | 'password'>,
    password: string,
    verify: () => Promise<boolean>,
  ): Promise<boolean> {
    const name = `${account.password}\0${account.name}\0${password}`
    const tag = createHmac('sha256', this.#key).update(name).digest('base64')
    if ((this.#until.get(tag) ?? 0) > Date.now()) return true
    return this.#pending.get(tag) ?? this.#remember(tag, verify())
  }

  async #remember(tag: string, verifying: Promise<boolean>): Promise<boolean> {
    this.#pending.set(tag, verifying)
    try {
      const right = await verifying
      if (right) this.#add(tag)
      return right
    } finally {
      this.#pending.delete(tag)
    }
  }

  #add(tag: string): void {
    const oldest = this.#until.keys().next()
    if (this.#until.size >= maximumEntries && !oldest.done) this.#until.delete(oldest.value)
    this.#until.delete(tag)
    this.#until.set(tag, Date.now() + lifeMs)
  }
}
