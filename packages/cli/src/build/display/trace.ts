import type { control } from '@slipway/buildkit/client'
import { LogLines } from './log-lines.ts'

type Status = control.StatusMessage
type Stamp = NonNullable<Status['vertexes'][number]['started']>

const msOf = ({ seconds, nanos }: Stamp): number => seconds * 1000 + nanos / 1e6

/** A part of a step: `transferring context:`. Times in milliseconds since 1970, by the daemon's clock. */
export interface Part {
  readonly id: string
  readonly name: string
  readonly current: number
  readonly total: number
  readonly timestamp: number
  readonly started: number | undefined
  readonly completed: number | undefined
}

/** A step as it stands. */
export interface Step {
  readonly digest: string
  readonly name: string
  /** When it was at work; without an end it is now. */
  readonly spans: { readonly start: number; end?: number }[]
  isCached: boolean
  error: string
  readonly parts: Map<string, Part>
  readonly logs: LogLines
  readonly warnings: string[]
  /** Of what isn't shown yet: parts with news, whether there is any. */
  readonly changed: Set<string>
}

export const isStarted = ({ spans }: Step): boolean => spans.length > 0
export const isCompleted = ({ spans }: Step): boolean => spans.length > 0 && spans.every(({ end }) => end !== undefined)
export const isCanceled = ({ error }: Step): boolean => error.endsWith('context canceled')

/** Seconds of work, by the daemon's clock at `now`. */
export const secondsOf = ({ spans }: Step, now: number): number =>
  spans.reduce((sum, { start, end = now }) => sum + Math.max(0, end - start), 0) / 1000

/** All that was told of a build so far. */
export class Trace {
  readonly steps = new Map<string, Step>()
  /** In the order in which they began. */
  readonly begun: Step[] = []
  readonly warnings: Status['warnings'][number][] = []
  /** Steps with news. */
  readonly news = new Set<Step>()
  /** How far the daemon's clock is behind ours, in milliseconds. */
  #skew: number | undefined

  /** By the daemon's clock. */
  now(): number {
    return Date.now() - (this.#skew ?? 0)
  }

  update({ vertexes, statuses, logs, warnings }: Status): void {
    for (const vertex of vertexes) this.#vertex(vertex)
    for (const status of statuses) this.#status(status)
    for (const { vertex, timestamp, msg } of logs) {
      const step = this.steps.get(vertex)
      if (step === undefined) continue
      const began = step.spans.at(-1)?.start ?? 0
      step.logs.add(msg, timestamp === undefined || began === 0 ? 0 : (msOf(timestamp) - began) / 1000)
      this.news.add(step)
    }
    for (const warning of warnings) {
      this.warnings.push(warning)
      const step = this.steps.get(warning.vertex)
      if (step === undefined || !isStarted(step)) continue
      step.warnings.push(Buffer.from(warning.short).toString())
      this.news.add(step)
    }
  }

  #vertex({ digest, name, started, completed, cached, error }: Status['vertexes'][number]): void {
    const step = this.steps.get(digest) ?? this.#add(digest, name)
    if (started !== undefined) this.#start(step, msOf(started))
    const last = step.spans.at(-1)
    if (completed !== undefined && last !== undefined) last.end = msOf(completed)
    step.isCached = cached
    step.error = error
    if (started !== undefined) this.news.add(step)
  }

  #start(step: Step, start: number): void {
    this.#skew ??= Date.now() - start
    if (!isStarted(step)) this.begun.push(step)
    const last = step.spans.at(-1)
    // It may go on after a pause.
    if (last === undefined || (last.end !== undefined && start > last.start)) step.spans.push({ start })
  }

  #status({ id, vertex, name, current, total, timestamp, started, completed }: Status['statuses'][number]): void {
    const step = this.steps.get(vertex)
    if (step === undefined) return
    step.parts.set(id, {
      id,
      name: name || id,
      current,
      total,
      timestamp: timestamp === undefined ? 0 : msOf(timestamp),
      started: started && msOf(started),
      completed: completed && msOf(completed),
    })
    step.changed.add(id)
    this.news.add(step)
  }

  #add(digest: string, name: string): Step {
    const step: Step = {
      digest,
      name,
      spans: [],
      isCached: false,
      error: '',
      parts: new Map(),
      logs: new LogLines(),
      warnings: [],
      changed: new Set(),
    }
    this.steps.set(digest, step)
    return step
  }
}
