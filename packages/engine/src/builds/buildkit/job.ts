import type { BuiltTarget } from '@slipway/build'
import { GrpcError, grpcCode } from '@slipway/buildkit'
import { SlipwayError } from '@slipway/core'
import { Progress } from './progress.ts'

/** What a frontend returned: nothing of it has to be done yet. */
export interface Reference {
  /** Does what it stands for, once, however often it is asked. */
  evaluate(): Promise<BuiltTarget>
}

/** The end of the part that runs in the client: the reference it chose, nothing, or an error. */
export type Returned = { readonly reference: string | undefined } | { readonly error: GrpcError }

/**
 * One call of Control/Solve. Clients name it (`Ref`) before they make the call: its status may be asked for earlier, and the
 * part of the build that runs in the client calls the bridge meanwhile.
 */
export class Job implements AsyncDisposable {
  readonly ref: string
  readonly progress = new Progress()
  readonly references = new Map<string, Reference>()
  readonly returned = Promise.withResolvers<Returned>()
  /** The session of Control/Solve, when that has come. */
  readonly begun = Promise.withResolvers<JobBegin>()
  readonly #stack = new AsyncDisposableStack()

  constructor(ref: string) {
    this.ref = ref
    // Nobody may be waiting when the client goes away.
    this.begun.promise.catch(() => undefined)
    this.returned.promise.catch(() => undefined)
  }

  /** Kept until the job ends. */
  use<T extends AsyncDisposable>(resource: T): T {
    return this.#stack.use(resource)
  }

  reference(id: string): Reference {
    const found = this.references.get(id)
    if (found === undefined) throw new GrpcError(grpcCode.notFound, `no such ref: ${id}`)
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const over = new SlipwayError('unavailable', 'the build is over')
    this.begun.reject(over)
    this.returned.reject(over)
    await this.#stack.disposeAsync()
    this.progress.end()
  }
}

export interface JobBegin {
  readonly session: string
  readonly signal: AbortSignal
}

/** The jobs under way. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()

  /** The job with this name, begun or not. */
  named(ref: string): Job {
    if (ref === '') throw new GrpcError(grpcCode.invalidArgument, 'no build is named')
    const job = this.#jobs.get(ref) ?? new Job(ref)
    this.#jobs.set(ref, job)
    return job
  }

  async end(job: Job): Promise<void> {
    if (this.#jobs.get(job.ref) === job) this.#jobs.delete(job.ref)
    await job[Symbol.asyncDispose]()
  }
}
