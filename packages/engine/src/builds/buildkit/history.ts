import { control, timestampOf } from '@slipway/buildkit'
import { messageOf } from '@slipway/core'
import type { Progress } from './progress.ts'

/** A build that ran or is running. */
interface Entry {
  readonly record: control.HistoryRecord
  readonly progress: Progress
}

const mostEntries = 50
const { started, complete, deleted } = control.historyEventType

/** The builds of this daemon's life, the newest ones; their progress can be read again. */
export class History {
  readonly #entries = new Map<string, Entry>()
  readonly #listeners = new Set<(event: Parameters<typeof control.historyEvent.encode>[0]) => void>()

  begin(request: control.SolveRequest, progress: Progress): void {
    const { ref, frontend, frontendAttrs, exporters } = request
    const record = {
      ref,
      frontend: frontend || 'dockerfile.v0',
      frontendAttrs,
      exporters,
      createdAt: timestampOf(new Date()),
    }
    this.#put({ record, progress }, started)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > mostEntries && oldest !== undefined) this.#entries.delete(oldest)
  }

  end(ref: string, outcome: { readonly response?: ReadonlyMap<string, string>; readonly error?: unknown }): void {
    const entry = this.#entries.get(ref)
    if (entry === undefined) return
    const { response, error } = outcome
    const record = {
      ...entry.record,
      ...entry.progress.counts(),
      completedAt: timestampOf(new Date()),
      ...(response === undefined ? {} : { exporterResponse: response }),
      ...(error === undefined ? {} : { error: { code: 2, message: messageOf(error), details: [] } }),
    }
    this.#put({ ...entry, record }, complete)
  }

  progressOf(ref: string): Progress | undefined {
    return this.#entries.get(ref)?.progress
  }

  delete(ref: string): void {
    const entry = this.#entries.get(ref)
    if (entry === undefined) return
    this.#entries.delete(ref)
    for (const listener of this.#listeners) listener({ type: deleted, record: entry.record })
  }

  /** What there is; unless `earlyExit`, what comes too, until the client goes away. */
  async *listen(request: ListenRequest, signal: AbortSignal) {
    const fits = ({ ref, completedAt }: control.HistoryRecord): boolean =>
      (request.ref === '' || request.ref === ref) && !(request.activeOnly && completedAt !== undefined)
    const waiting: Parameters<typeof control.historyEvent.encode>[0][] = [...this.#entries.values()].map(
      ({ record }) => ({
        type: record.completedAt === undefined ? started : complete,
        record,
      }),
    )
    let wake = Promise.withResolvers<void>()
    const listener = (event: (typeof waiting)[number]): void => {
      waiting.push(event)
      wake.resolve()
    }
    signal.addEventListener('abort', () => wake.resolve(), { once: true })
    this.#listeners.add(listener)
    try {
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

  #put(entry: Entry, type: number): void {
    this.#entries.set(entry.record.ref ?? '', entry)
    for (const listener of this.#listeners) listener({ type, record: entry.record })
  }
}

interface ListenRequest {
  readonly ref: string
  readonly activeOnly: boolean
  readonly earlyExit: boolean
}
