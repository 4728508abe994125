import { type Digest, SlipwayError } from '@slipway/core'
import type { OpContext, Result } from '../graph/vertex.ts'

/** Who waits for a piece of work: one build. */
export interface Waiter {
  readonly signal: AbortSignal
  readonly hold: OpContext['hold']
  readonly onRunning: OpContext['onRunning']
  readonly onOutput: OpContext['onOutput']
}

type Run = (context: Pick<OpContext, 'signal' | 'hold' | 'onRunning' | 'onOutput'>) => Promise<readonly Result[]>

type Tell = (waiter: Waiter) => void | Promise<void>

interface Job {
  readonly waiters: Set<Waiter>
  readonly controller: AbortController
  readonly promise: Promise<readonly Result[]>
  /** Told again to who comes later. */
  readonly past: Tell[]
  pastBytes: number
}

const mostPastBytes = 1 << 20

const cancelled = (signal: AbortSignal): unknown =>
  signal.reason ?? new SlipwayError('cancelled', 'the build was cancelled')

/** Equal work in flight is done once, for all the builds that want it. It stops when none of them wants it any more. */
export class WorkInFlight {
  readonly #jobs = new Map<Digest, Job>()

  async do(key: Digest, waiter: Waiter, run: Run): Promise<readonly Result[]> {
    waiter.signal.throwIfAborted()
    const running = this.#jobs.get(key)
    const joined = running !== undefined && !running.controller.signal.aborted
    const job = joined ? running : this.#start(key, run)
    for (const tell of job.past) void tell(waiter)
    job.waiters.add(waiter)
    return this.#wait(job, waiter)
  }

  #start(key: Digest, run: Run): Job {
    const controller = new AbortController()
    const waiters = new Set<Waiter>()
    const past: Job['past'] = []
    const tellAll = async (tell: Tell, bytes = 0): Promise<void> => {
      if (job.pastBytes + bytes <= mostPastBytes) past.push(tell)
      job.pastBytes += bytes
      await Promise.all([...waiters].map(tell))
    }
    // The work begins in a later turn: `job` is complete then, and its first waiter is there.
    const promise = Promise.resolve().then(() =>
      run({
        signal: controller.signal,
        hold: (layers) => void tellAll((waiter) => waiter.hold(layers)),
        onRunning: (id) => void tellAll((waiter) => waiter.onRunning(id)),
        onOutput: (stream, bytes) => tellAll((waiter) => waiter.onOutput(stream, bytes), bytes.length),
      }),
    )
    const job: Job = { waiters, controller, past, pastBytes: 0, promise }
    this.#jobs.set(key, job)
    const forget = (): void => {
      if (this.#jobs.get(key) === job) this.#jobs.delete(key)
    }
    promise.then(forget, forget)
    return job
  }

  /** The job's end; who goes away earlier doesn't stop it for the others, but waits for the end when it was the last. */
  async #wait(job: Job, waiter: Waiter): Promise<readonly Result[]> {
    const gone = Promise.withResolvers<never>()
    const onAbort = (): void => {
      job.waiters.delete(waiter)
      if (job.waiters.size > 0) gone.reject(cancelled(waiter.signal))
      else job.controller.abort(cancelled(waiter.signal))
    }
    waiter.signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([job.promise, gone.promise])
    } finally {
      waiter.signal.removeEventListener('abort', onAbort)
      job.waiters.delete(waiter)
    }
  }
}
