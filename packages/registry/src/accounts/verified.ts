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

  #tag(account: Account, password: string): string {
    return createHmac('sha256', this.#key).update(`${account.password}\0${account.name}\0${password}`).digest('base64')
  }

  has(account: Account, password: string): boolean {
    return (this.#until.get(this.#tag(account, password)) ?? 0) > Date.now()
  }

  add(account: Account, password: string): void {
    const oldest = this.#until.keys().next()
    if (this.#until.size >= maximumEntries && !oldest.done) this.#until.delete(oldest.value)
    const tag = this.#tag(account, password)
    this.#until.delete(tag)
    this.#until.set(tag, Date.now() + lifeMs)
  }
}
