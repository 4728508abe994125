import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type Logger, SlipwayError, silentLogger } from '@slipway/core'
import { warmThreadPool } from '@slipway/linux'
import type { Upstream } from './forward.ts'
import type { Announcement, View } from './zone.ts'

/** A container that is to have a name server. */
export interface ServeRequest {
  readonly containerId: string
  /** Path of its network namespace. */
  readonly netns: string
  readonly view: View
  /** Whom to ask for other names, in this order. */
  readonly servers: readonly Upstream[]
}

export type NameCommand =
  | { readonly do: 'announce'; readonly announcement: Announcement }
  | { readonly do: 'withdraw'; readonly networkId: string; readonly containerId: string }
  | { readonly do: 'stop'; readonly containerId: string }
  | { readonly do: 'serve'; readonly id: number; readonly request: ServeRequest }

/** 0: the thread is ready. */
export interface NameReply {
  readonly id: number
  readonly problem?: string
}

/** Names for containers: by a thread of this process (`NameService`), or by one that outlives it (`Keeper`). */
export interface NameServer {
  /** What is announced counts for whatever is asked later. */
  announce(announcement: Announcement): void
  withdraw(networkId: string, containerId: string): void
  /** Resolves when the container can ask. Called again, it changes what the container can resolve. */
  serve(request: ServeRequest): Promise<void>
  /** One that isn't served is no error. */
  stop(containerId: string): void
}

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * The name server of the networks that have one: 127.0.0.11 in each container, answered by one thread of ours. What is
 * announced counts for whatever is asked later. Should the thread die, another takes over and is told everything again.
 */
export class NameService implements NameServer, AsyncDisposable {
  readonly #logger: Logger
  readonly #announced = new Map<string, Announcement>()
  readonly #served = new Map<string, ServeRequest>()
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker
  #lastId = 0
  #closed = false

  static async start({ logger = silentLogger }: { readonly logger?: Logger } = {}): Promise<NameService> {
    await warmThreadPool()
    const service = new NameService(logger)
    await once(service.#worker, 'message')
    return service
  }

  private constructor(logger: Logger) {
    this.#logger = logger
    this.#worker = this.#begin()
  }

  announce(announcement: Announcement): void {
    const { networkId, containerId } = announcement
    this.#announced.set(`${networkId} ${containerId}`, announcement)
    this.#tell({ do: 'announce', announcement })
  }

  withdraw(networkId: string, containerId: string): void {
    this.#announced.delete(`${networkId} ${containerId}`)
    this.#tell({ do: 'withdraw', networkId, containerId })
  }

  /** Resolves when the container can ask. Called again, it changes what the container can resolve. */
  async serve(request: ServeRequest): Promise<void> {
    this.#served.set(request.containerId, request)
    await this.#ask(request)
  }

  /** One that isn't served is no error. */
  stop(containerId: string): void {
    if (this.#served.delete(containerId)) this.#tell({ do: 'stop', containerId })
  }

  has(containerId: string): boolean {
    return this.#served.has(containerId)
  }

  /** Closes all sockets. What leads to them stays in the namespaces, for the next daemon to change. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#worker.terminate()
  }

  #begin(): Worker {
    // koffi opens descriptors that Node's own bookkeeping would miss, and warn of when they are closed.
    const options = { name: 'names', trackUnmanagedFds: false }
    const worker = new Worker(new URL('./thread-main.ts', import.meta.url), options)
    worker.unref()
    worker.on('message', (reply: NameReply) => this.#settle(reply))
    worker.on('error', (error) => this.#logger.error({ error }, 'the name server failed'))
    worker.on('exit', () => this.#replace())
    return worker
  }

  #tell(command: NameCommand): void {
    if (!this.#closed) this.#worker.postMessage(command)
  }

  #ask(request: ServeRequest): Promise<void> {
    this.#lastId += 1
    const id = this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#tell({ do: 'serve', id, request })
    })
  }

  #settle({ id, problem }: NameReply): void {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (problem === undefined) waiting?.resolve()
    else waiting?.reject(new SlipwayError('internal', `the name server could not be set up: ${problem}`))
  }

  #replace(): void {
    for (const { reject } of this.#waiting.values()) reject(new SlipwayError('unavailable', 'the name server ended'))
    this.#waiting.clear()
    if (this.#closed) return
    this.#worker = this.#begin()
    for (const announcement of this.#announced.values()) this.#tell({ do: 'announce', announcement })
    for (const request of this.#served.values()) {
      this.#ask(request).catch((error) => {
        this.#logger.warn({ containerId: request.containerId, error }, 'a container has no name server')
      })
    }
  }
}
