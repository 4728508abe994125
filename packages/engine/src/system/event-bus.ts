import { type EventBus, SlipwayError, type SystemEvent } from '@slipway/core'

/** docker keeps this many for `events --since`. */
const kept = 256
/** A reader this many events behind is dropped. */
const longestQueue = 1024

interface Subscriber {
  readonly filter: (event: SystemEvent) => boolean
  readonly queue: SystemEvent[]
  wake: () => void
  overrun: boolean
}

/** Events of one process: published to whoever listens, and the newest kept for those who ask later. */
export class InProcessEventBus implements EventBus {
  readonly #recent: SystemEvent[] = []
  readonly #subscribers = new Set<Subscriber>()

  get listeners(): number {
    return this.#subscribers.size
  }

  publish(event: SystemEvent): void {
    this.#recent.push(event)
    if (this.#recent.length > kept) this.#recent.shift()
    for (const subscriber of this.#subscribers) {
      if (!subscriber.filter(event)) continue
      if (subscriber.queue.length >= longestQueue) subscriber.overrun = true
      else subscriber.queue.push(event)
      subscriber.wake()
    }
  }

  recent(): readonly SystemEvent[] {
    return [...this.#recent]
  }

  subscribe(filter: (event: SystemEvent) => boolean, signal: AbortSignal): AsyncIterable<SystemEvent> {
    const subscriber: Subscriber = { filter, queue: [], wake: () => undefined, overrun: false }
    this.#subscribers.add(subscriber)
    signal.addEventListener('abort', () => subscriber.wake(), { once: true })
    return this.#drain(subscriber, signal)
  }

  async *#drain(subscriber: Subscriber, signal: AbortSignal): AsyncGenerator<SystemEvent> {
    try {
      while (!signal.aborted) {
        const event = subscriber.queue.shift()
        if (event !== undefined) {
          yield event
        } else if (subscriber.overrun) {
          throw new SlipwayError('unavailable', 'too slow a reader of events')
        } else {
          await new Promise<void>((resolve) => {
            subscriber.wake = resolve
          })
        }
      }
    } finally {
      this.#subscribers.delete(subscriber)
    }
  }
}
