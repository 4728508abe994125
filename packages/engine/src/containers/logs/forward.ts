import type { Channel, OpenChannel } from './channel.ts'
import type { LogSink } from './container-log.ts'
import type { LogEntry } from './entry.ts'

export interface ForwardOptions {
  readonly open: OpenChannel
  readonly format: (entry: LogEntry) => Buffer
  /** Bytes that wait for whoever takes them; what comes when it is full is dropped. */
  readonly limit: number
  /** Hears when lines begin to be lost, and when they don't get through. */
  readonly onFailure: (error: unknown) => void
}

/** In milliseconds. */
const reconnectAfter = 1000
const lastGrace = 5000

/**
 * Sends lines on to a collector, in order. The container never waits: while the collector is away or slow, lines queue up to a
 * limit, and are still there for `docker logs`.
 */
export class ForwardSink implements LogSink {
  readonly #options: ForwardOptions
  #queue: Buffer[] = []
  #queued = 0
  #channel: Channel | undefined
  #reconnect: NodeJS.Timeout | undefined
  #isDropping = false
  #isClosing = false

  constructor(options: ForwardOptions) {
    this.#options = options
  }

  write(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      const bytes = this.#options.format(entry)
      if (this.#queued + bytes.length > this.#options.limit) {
        if (!this.#isDropping) this.#options.onFailure(new Error('the collector is away or too slow'))
        this.#isDropping = true
        continue
      }
      this.#queue.push(bytes)
      this.#queued += bytes.length
    }
    this.#pump()
  }

  [Symbol.dispose](): void {
    this.#isClosing = true
    setTimeout(() => this.#end(), lastGrace).unref()
    this.#pump()
  }

  #pump(): void {
    if (this.#channel === undefined) this.#open()
    let taken = 0
    for (const bytes of this.#queue) {
      if (this.#channel?.send(bytes) !== true) break
      taken += 1
      this.#queued -= bytes.length
    }
    this.#queue = this.#queue.slice(taken)
    if (taken > 0) this.#isDropping = false
    if (this.#isClosing && this.#queue.length === 0) this.#end()
  }

  #open(): void {
    if (this.#reconnect !== undefined || this.#queue.length === 0) return
    try {
      this.#channel = this.#options.open({ onRoom: () => this.#pump(), onGone: (error) => this.#lose(error) })
    } catch (error) {
      this.#lose(error)
    }
  }

  #lose(error: unknown): void {
    if (this.#isClosing && this.#queue.length === 0) return
    this.#channel?.close()
    this.#channel = undefined
    if (this.#reconnect !== undefined) return
    this.#options.onFailure(error)
    this.#reconnect = setTimeout(() => {
      this.#reconnect = undefined
      this.#pump()
    }, reconnectAfter).unref()
  }

  #end(): void {
    clearTimeout(this.#reconnect)
    this.#queue = []
    this.#channel?.close()
    this.#channel = undefined
  }
}
