import { type Logger, silentLogger } from '@slipway/core'
import type { ChainRules, NetworkThread } from '@slipway/linux'

export interface RulesWatchOptions {
  readonly thread: NetworkThread
  /** Called with what is there after anyone, we included, has changed rules. */
  readonly onChange: (chains: readonly ChainRules[]) => Promise<void>
  /** Default: 2 seconds. A look that finds nothing new takes 0.1 ms. */
  readonly everyMilliseconds?: number
  readonly logger?: Logger
}

/**
 * Looks every now and then whether someone has changed the kernel's rules: a firewall that is loaded anew flushes ours. Asking
 * for the number of changes is cheaper than listening, which would take a thread.
 */
export class RulesWatch implements AsyncDisposable {
  readonly #options: RulesWatchOptions
  readonly #timer: NodeJS.Timeout
  #generation: number | undefined
  #looking: Promise<void> | undefined

  constructor(options: RulesWatchOptions) {
    this.#options = options
    this.#timer = setInterval(() => this.#look(), options.everyMilliseconds ?? 2000)
    this.#timer.unref()
  }

  #look(): void {
    this.#looking ??= this.#check()
      .catch((error: unknown) => {
        const { logger = silentLogger } = this.#options
        logger.warn({ error }, 'the rules could not be looked after')
      })
      .finally(() => {
        this.#looking = undefined
      })
  }

  async #check(): Promise<void> {
    const state = await this.#options.thread.nftablesSince(this.#generation)
    if (state === undefined) return
    await this.#options.onChange(state.chains)
    this.#generation = state.generation
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }
}
