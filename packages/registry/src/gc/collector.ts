import { messageOf } from '@slipway/core'
import { type Collected, type CollectorParts, collect, nothing } from './collect.ts'

/** What the collector of this process is doing, and what its last pass did. */
export interface CollectorState {
  readonly running: boolean
  readonly passes: number
  readonly lastPass?: Collected & { readonly startedAt: string; readonly endedAt: string }
}

/**
 * Collects garbage while the registry serves: a pass, then a rest, until it is disposed of. There is no pause for clients:
 * a pass is many short transactions.
 */
export class Collector implements AsyncDisposable {
  readonly #parts: CollectorParts
  readonly #intervalMs: number
  readonly #stop = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #pass: Promise<Collected> | undefined
  #state: CollectorState = { running: false, passes: 0 }

  constructor(parts: CollectorParts, intervalMs: number) {
    this.#parts = parts
    this.#intervalMs = intervalMs
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

  #rest(): void {
    clearTimeout(this.#timer)
    if (this.#stop.signal.aborted) return
    this.#timer = setTimeout(() => this.start(), this.#intervalMs).unref()
  }

  /** Waits for the batch that is under way, not for the rest of its pass. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    clearTimeout(this.#timer)
    await this.#pass?.catch(() => undefined)
  }
}
