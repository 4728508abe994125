import { control, GrpcError, grpcCode, timestampOf } from '@slipway/buildkit'
import { messageOf } from '@slipway/core'
import type { ExplainedStep, HistoryStore } from './history-store.ts'
import { Progress } from './progress.ts'

/** A build under way. */
interface Entry {
  readonly record: control.HistoryRecord
  readonly progress: Progress
}

type Event = Parameters<typeof control.historyEvent.encode>[0]

export interface Outcome {
  readonly response?: ReadonlyMap<string, string>
  readonly error?: unknown
  readonly explained: readonly ExplainedStep[]
}

const { started, complete, deleted } = control.historyEventType

/** The builds under way, and the newest of those that ended, also before this daemon began; their progress can be read again. */
export class History {
  readonly store: HistoryStore
  readonly #running = new Map<string, Entry>()
  readonly #listeners = new Set<(event: Event) => void>()

  constructor(store: HistoryStore) {
    this.store = store
  }

  begin(request: control.SolveRequest, progress: Progress): void {
    const { ref, frontend, frontendAttrs, exporters } = request
    const record = {
      ref,
      frontend: frontend || 'dockerfile.v0',
      frontendAttrs,
      exporters,
      createdAt: timestampOf(new Date()),
    }
    this.#running.set(ref, { record, progress })
    this.#tell({ type: started, record })
  }

  /** To be called before the client is answered: what it knows to be over is in the history. */
  async end(ref: string, { response, error, explained }: Outcome): Promise<void> {
    const entry = this.#running.get(ref)
    if (entry === undefined) return
    const record = {
      ...entry.record,
      ...entry.progress.counts(),
      completedAt: timestampOf(new Date()),
      ...(response === undefined ? {} : { exporterResponse: response }),
      ...(error === undefined ? {} : { error: { code: 2, message: messageOf(error), details: [] } }),
    }
    // A disk that is full loses the record, and not the build.
    await this.store.add({ record, progress: entry.progress.whole(), explained }).catch(() => undefined)
    this.#running.delete(ref)
    this.#tell({ type: complete, record })
  }

  async progressOf(ref: string): Promise<Progress | undefined> {
    const running = this.#running.get(ref)?.progress
    if (running !== undefined) return running
    const past = await this.store.progress(ref)
    return past && Progress.past(past)
  }

  async delete(ref: string): Promise<void> {
    const record = await this.store.find(ref)
    if (record === undefined) throw new GrpcError(grpcCode.unknown, `no record found for ref ${JSON.stringify(ref)}`)
    await this.store.remove(ref)
    this.#tell({ type: deleted, record })
  }

  /** What there is; unless `earlyExit`, what comes too, until the client goes away. */
  async *listen(request: ListenRequest, signal: AbortSignal): AsyncGenerator<Event> {
    const fits = ({ ref, completedAt }: control.HistoryRecord): boolean =>
      (request.ref === '' || request.ref === ref) && !(request.activeOnly && completedAt !== undefined)
    const waiting: Event[] = []
    let wake = Promise.withResolvers<void>()
    const listener = (event: Event): void => {
      waiting.push(event)
      wake.resolve()
    }
    signal.addEventListener('abort', () => wake.resolve(), { once: true })
    this.#listeners.add(listener)
    try {
      const running = [...this.#running.values()].map(({ record }) => ({ type: started, record }))
      const ended = request.activeOnly ? [] : await this.store.list()
      waiting.unshift(...ended.map((record) => ({ type: complete, record })), ...running)
      for (;;) {
        for (const event of waiting.splice(0)) if (event.record && fits(event.record)) yield event
        if (request.earlyExit || signal.aborted) return
        await wake.promise
        wake = Promise.withResolvers()
      }
    } finally {
      this.#listeners.delete(listener)
    }
  }

  #tell(event: Event): void {
    for (const listener of this.#listeners) listener(event)
  }
}

interface ListenRequest {
  readonly ref: string
  readonly activeOnly: boolean
  readonly earlyExit: boolean
}
