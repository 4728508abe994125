import { invalid, SlipwayError } from '@slipway/core'
import { parseDuration } from '../duration.ts'

/** So many in so long a time: `100/6h`. */
export interface Rate {
  readonly count: number
  readonly windowMs: number
}

/** `100/6h`; `0`: without limit. Throws invalid. */
export const parseRate = (text: string): Rate | undefined => {
  if (text === '0') return undefined
  const [, count, window] = /^([1-9]\d{0,8})\/(.+)$/.exec(text) ?? []
  if (count === undefined || window === undefined) {
    throw invalid(`invalid rate ${JSON.stringify(text.slice(0, 40))}: write 100/6h, or 0 for no limit`)
  }
  return { count: Number(count), windowMs: parseDuration(window) }
}

interface Window {
  readonly endsAt: number
  used: number
}

const maximumEntries = 100_000

export interface Allowance {
  readonly limit: number
  readonly remaining: number
  readonly windowSeconds: number
}

/**
 * Counts what each caller does in windows of time, in this process alone: several processes allow several times as much. Whose
 * window was begun first is forgotten first when there are very many.
 */
export class RateLimit {
  readonly #rate: Rate
  readonly #now: () => number
  readonly #windows = new Map<string, Window>()

  constructor(rate: Rate, now: () => number = Date.now) {
    this.#rate = rate
    this.#now = now
  }

  /** Counts one more. Throws rate-limited, with the seconds to wait, when that is one too many. */
  take(caller: string): Allowance {
    const { count, windowMs } = this.#rate
    const window = this.#windowOf(caller)
    if (window.used >= count) {
      const seconds = Math.max(1, Math.ceil((window.endsAt - this.#now()) / 1000))
      throw new SlipwayError('rate-limited', `too many requests: try again in ${seconds} seconds`, {
        detail: { retryAfterSeconds: seconds },
      })
    }
    window.used += 1
    return { limit: count, remaining: count - window.used, windowSeconds: Math.round(windowMs / 1000) }
  }

  #windowOf(caller: string): Window {
    const known = this.#windows.get(caller)
    if (known && known.endsAt > this.#now()) return known
    const begun = { endsAt: this.#now() + this.#rate.windowMs, used: 0 }
    this.#windows.delete(caller)
    this.#windows.set(caller, begun)
    const oldest = this.#windows.keys().next()
    if (this.#windows.size > maximumEntries && !oldest.done) this.#windows.delete(oldest.value)
    return begun
  }
}
