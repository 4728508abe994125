import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { SlipwayError } from '@slipway/core'

export interface SessionOptions {
  /** The secret that a session is given for. */
  readonly key: string
  /** Milliseconds; a test sets its own. */
  readonly now?: () => number
}

/** A session that nobody used for so long is over. */
const idleMs = 12 * 60 * 60 * 1000
/** Wrong keys a minute, from everyone together: 256 bits can't be guessed, and a loop of guesses is stopped early. */
const triesPerMinute = 10
/** The oldest goes when there are more: an endless loop of sign-ins doesn't fill the memory. */
const mostSessions = 1000

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Who has shown the key. Sessions live in memory: after a restart the link is opened again. */
export class Sessions {
  readonly #key: Buffer
  readonly #now: () => number
  /** By the digest of its secret, with the time of its last use; oldest use first. */
  readonly #used = new Map<string, number>()
  #tries = { since: Number.NEGATIVE_INFINITY, count: 0 }

  constructor({ key, now = Date.now }: SessionOptions) {
    this.#key = digestOf(key)
    this.#now = now
  }

  /** The secret of a new session. Throws unauthenticated for a wrong key, rate-limited after too many. */
  open(key: string): string {
    const now = this.#now()
    if (now - this.#tries.since >= 60_000) this.#tries = { since: now, count: 0 }
    if (this.#tries.count >= triesPerMinute) {
      throw new SlipwayError('rate-limited', 'too many wrong keys: wait a minute')
    }
    if (!timingSafeEqual(digestOf(key), this.#key)) {
      this.#tries.count += 1
      throw new SlipwayError('unauthenticated', 'this is not the key of this dashboard')
    }
    const secret = randomBytes(32).toString('base64url')
    this.#touch(digestOf(secret).toString('hex'), now)
    const [oldest] = this.#used.keys()
    if (this.#used.size > mostSessions && oldest !== undefined) this.#used.delete(oldest)
    return secret
  }

  /** Whether the secret is of an open session; a use keeps it open. */
  has(secret: string | undefined): boolean {
    if (secret === undefined) return false
    const name = digestOf(secret).toString('hex')
    const used = this.#used.get(name)
    if (used === undefined) return false
    const now = this.#now()
    if (now - used > idleMs) {
      this.#used.delete(name)
      return false
    }
    this.#touch(name, now)
    return true
  }

  close(secret: string): void {
    this.#used.delete(digestOf(secret).toString('hex'))
  }

  #touch(name: string, now: number): void {
    this.#used.delete(name)
    this.#used.set(name, now)
  }
}
