import { setTimeout as sleep } from 'node:timers/promises'
import { hasCode, SlipwayError } from '@slipway/core'

export interface RetryPolicy {
  /** How often in all; default 4. */
  readonly attempts: number
  /** Milliseconds before the second try; each further wait is three times as long. */
  readonly firstDelay: number
  /** Longer than this a `Retry-After` is not waited for. Milliseconds. */
  readonly longestDelay: number
}

export const defaultRetryPolicy: RetryPolicy = { attempts: 4, firstDelay: 250, longestDelay: 60_000 }

/** The registry is away, or asked for patience: worth another try. */
export const isTransient = (error: unknown): boolean => hasCode(error, 'unavailable') || hasCode(error, 'rate-limited')

/** `Retry-After`: seconds or a date (RFC 9110, section 10.2.3). In milliseconds. */
export const parseRetryAfter = (header: string | undefined, now = Date.now()): number | undefined => {
  if (header === undefined) return undefined
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const delayBefore = (attempt: number, error: unknown, policy: RetryPolicy): number => {
  const asked = error instanceof SlipwayError ? error.detail['retryAfter'] : undefined
  if (typeof asked === 'number') return asked
  // Up to a quarter more or less, so that many clients don't come back at once.
  return policy.firstDelay * 3 ** (attempt - 1) * (0.75 + Math.random() / 2)
}

export interface RetryOptions {
  readonly policy: RetryPolicy
  readonly signal?: AbortSignal | undefined
  /** Which errors are worth another try; default: the transient ones. */
  readonly worthwhile?: (error: unknown) => boolean
}

/** Waits before try number `attempt + 1`; throws `error` when it is not worth one. */
export const waitToRetry = async (error: unknown, attempt: number, options: RetryOptions): Promise<void> => {
  const { policy, signal, worthwhile = isTransient } = options
  signal?.throwIfAborted()
  if (attempt >= policy.attempts || !worthwhile(error)) throw error
  const delay = delayBefore(attempt, error, policy)
  if (delay > policy.longestDelay) throw error
  await sleep(delay, undefined, signal === undefined ? {} : { signal })
}

/** Runs `body` until it works, at most `policy.attempts` times. */
export const withRetries = async <T>(options: RetryOptions, body: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await body()
    } catch (error) {
      await waitToRetry(error, attempt, options)
    }
  }
}
