import { hasCode, messageOf } from '@slipway/core'
import { applyDueRetention } from '../rules/retention.ts'
import { type Collected, type CollectorParts, collect, nothing } from './collect.ts'

/** What the collector of this process is doing, and what its last pass did. */
export interface CollectorState {
  readonly running: boolean
  readonly passes: number
  readonly lastPass?: Collected & { readonly startedAt: string; readonly endedAt: string }
}

export interface CollectorTimes {
  /** Rest between two passes. */
  readonly intervalMs: number
  /** How often the retention rules of a project are applied. */
  readonly retainEveryMs: number
}

/**
 * Collects garbage while the registry serves: a pass, then a rest, until it is disposed of. There is no pause for clients:
 * a pass is many short transactions. A pass begins with the retention rules that are due.
 */
export class Collector implements AsyncDisposable {
  readonly #parts: CollectorParts
  readonly #times: CollectorTimes
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #pass: Promise<Collected> | undefined
  #state: CollectorState = { running: false, passes: 0 }

  constructor(parts: CollectorParts, times: CollectorTimes) {
    this.#parts = parts
    this.#times = times
  }

  get state(): CollectorState {
    return this.#state
  }

  /** A pass at once, and then one each interval. */
  start(): void {
    void this.run().catch(() => undefined)
  }

  /** A pass now; one that is under way is waited for, and its result is this one's. */
  run(): Promise<Collected> {
    this.#pass ??= this.#perform().finally(() => {
      this.#pass = undefined
      this.#rest()
    })
    return this.#pass
  }

  async #perform(): Promise<Collected> {
    if (this.#stop.signal.aborted) return nothing
    const startedAt = new Date().toISOString()
    this.#state = { ...this.#state, running: true }
    let result = nothing
    try {
      await this.#retain()
      result = await collect(this.#parts, this.#stop.signal)
      if (result.collected > 0) this.#parts.logger.info({ ...result }, 'garbage collected')
    } catch (error) {
      this.#parts.logger.warn({ error: messageOf(error) }, 'garbage collection was broken off')
      throw error
    } finally {
      const lastPass = { ...result, startedAt, endedAt: new Date().toISOString() }
      this.#state = { running: false, passes: this.#state.passes + 1, lastPass }
    }
    return result
  }

  /** What can't be applied now is tried again with the next run; the garbage doesn't wait for it. */
  async #retain(): Promise<void> {
    const { logger } = this.#parts
    try {
      const tags = await applyDueRetention(this.#parts, this.#times.retainEveryMs, this.#stop.signal)
      if (tags > 0) logger.info({ tags }, 'retention rules were applied')
    } catch (error) {
      if (hasCode(error, 'unavailable')) throw error
      logger.warn({ error: messageOf(error) }, 'retention rules could not be applied')
    }
  }

  #rest(): void {
    clearTimeout(this.#timer)
    if (this.#stop.signal.aborted) return
    this.#timer = setTimeout(() => this.start(), this.#times.intervalMs).unref()
  }

  /** Waits for the batch that is under way, not for the rest of its pass. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#pass?.catch(() => undefined)
  }
}
