import { randomUUID } from 'node:crypto'
import { type control, timestampOf } from '@slipway/buildkit'
import { digestOf, messageOf } from '@slipway/core'

export type Status = control.StatusResponse

/** One step as clients show it. It has to be started before anything else is said of it, and finished once. */
export class ProgressStep {
  readonly digest: string
  readonly #name: string
  readonly #inputs: readonly string[]
  readonly #tell: (status: Status) => void
  #started: Date | undefined

  constructor(digest: string, name: string, inputs: readonly string[], tell: (status: Status) => void) {
    this.digest = digest
    this.#name = name
    this.#inputs = inputs
    this.#tell = tell
    this.#say({})
  }

  get isStarted(): boolean {
    return this.#started !== undefined
  }

  start(): this {
    if (this.#started === undefined) {
      this.#started = new Date()
      this.#say({})
    }
    return this
  }

  log(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const log = {
      vertex: this.digest,
      timestamp: timestampOf(new Date()),
      stream: stream === 'stdout' ? 1 : 2,
      msg: bytes,
    }
    this.#tell({ logs: [log] })
  }

  /** A part of the step with an end of its own: `transferring context: 2.1kB done`. */
  part(name: string): ProgressPart {
    return new ProgressPart(this.digest, name, this.#tell)
  }

  finish({ cached = false, error }: { readonly cached?: boolean; readonly error?: unknown } = {}): void {
    this.start()
    this.#say({
      cached,
      completed: timestampOf(new Date()),
      ...(error === undefined ? {} : { error: messageOf(error) }),
    })
  }

  #say(more: Partial<control.VertexMessage>): void {
    const started = this.#started === undefined ? {} : { started: timestampOf(this.#started) }
    this.#tell({ vertexes: [{ digest: this.digest, inputs: this.#inputs, name: this.#name, ...started, ...more }] })
  }
}

/** At most so often a number that counts up is told. Milliseconds. */
const tickMs = 100

export class ProgressPart {
  readonly #status: control.VertexStatusMessage
  readonly #tell: (status: Status) => void
  #told = 0
  #last = { current: 0, total: 0 }

  constructor(vertex: string, name: string, tell: (status: Status) => void) {
    this.#status = { id: name, vertex, name, started: timestampOf(new Date()) }
    this.#tell = tell
    this.#say({})
  }

  update(current: number, total = 0): void {
    this.#last = { current, total }
    const now = Date.now()
    if (now - this.#told < tickMs) return
    this.#told = now
    this.#say({ current, total })
  }

  finish(current = 0, total = 0): void {
    this.#say({ current, total, completed: timestampOf(new Date()) })
  }

  /** It is over, wherever it was. */
  end(): void {
    this.finish(this.#last.current, this.#last.total)
  }

  #say(more: Partial<control.VertexStatusMessage>): void {
    this.#tell({ statuses: [{ ...this.#status, timestamp: timestampOf(new Date()), ...more }] })
  }
}

/** What is kept of the steps' output for those who come later. Bytes. */
const mostKept = 8 << 20

/** All that is told of one build, for any number of listeners; who comes later is told the beginning too. */
export class Progress {
  readonly #past: Status[] = []
  readonly #listeners = new Set<() => void>()
  #keptBytes = 0
  /** Of the steps so far. */
  readonly #digests = new Set<string>()
  /** What nobody else has. */
  readonly #own = randomUUID()
  #isOver = false

  /**
   * A step that isn't told yet. Clients that show several builds at once (bake, compose) take steps with one digest for one:
   * `shared` says what the step is made of, where another build may have the same one.
   */
  step(name: string, inputs: readonly ProgressStep[] = [], shared?: string): ProgressStep {
    const below = inputs.map((input) => input.digest).join()
    const common = shared === undefined ? undefined : digestOf(`${name} ${below} ${shared}`)
    const isNew = common !== undefined && !this.#digests.has(common)
    const digest = isNew ? common : digestOf(`${this.#own} ${this.#digests.size} ${name} ${below}`)
    this.#digests.add(digest)
    return new ProgressStep(
      digest,
      name,
      inputs.map((input) => input.digest),
      (status) => this.tell(status),
    )
  }

  tell(status: Status): void {
    const size = (status.logs ?? []).reduce((sum, { msg }) => sum + (msg?.length ?? 0), 0)
    this.#keptBytes += size
    if (size > 0 && this.#keptBytes > mostKept) return
    this.#past.push(status)
    this.#wake()
  }

  /** For the history: steps begun, ended, and found in the cache. */
  counts(): { readonly numTotalSteps: number; readonly numCompletedSteps: number; readonly numCachedSteps: number } {
    const newest = new Map(
      this.#past.flatMap(({ vertexes = [] }) => vertexes.map((each) => [each.digest, each] as const)),
    )
    const all = [...newest.values()]
    return {
      numTotalSteps: all.length,
      numCompletedSteps: all.filter(({ completed }) => completed !== undefined).length,
      numCachedSteps: all.filter(({ cached }) => cached === true).length,
    }
  }

  /** Of a build that ended. */
  static past(whole: Status): Progress {
    const progress = new Progress()
    progress.#past.push(whole)
    progress.end()
    return progress
  }

  /** All of it. */
  whole(): Status {
    return combine(this.#past)
  }

  end(): void {
    this.#isOver = true
    this.#wake()
  }

  /** Everything from the beginning, as it comes, until the end. */
  async *follow(signal: AbortSignal): AsyncGenerator<Status> {
    let at = 0
    for (;;) {
      while (at < this.#past.length) {
        const next = this.#past.slice(at)
        at = this.#past.length
        yield combine(next)
      }
      if (this.#isOver || signal.aborted) return
      await this.#news(signal)
    }
  }

  #wake(): void {
    for (const listener of this.#listeners) listener()
    this.#listeners.clear()
  }

  async #news(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#listeners.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    this.#listeners.delete(resolve)
  }
}

/** What was said in between, as one message. */
const combine = (all: readonly Status[]): Status => ({
  vertexes: all.flatMap(({ vertexes }) => vertexes ?? []),
  statuses: all.flatMap(({ statuses }) => statuses ?? []),
  logs: all.flatMap(({ logs }) => logs ?? []),
  warnings: all.flatMap(({ warnings }) => warnings ?? []),
})
