import type { BuiltTarget } from '@slipway/build'
import { GrpcError, grpcCode, type llb } from '@slipway/buildkit'
import { SlipwayError } from '@slipway/core'
import type { ExplainedStep } from './history-store.ts'
import { Progress } from './progress.ts'

/** What a frontend returned: nothing of it has to be done yet. */
export interface Reference {
  /** Does what it stands for, once, however often it is asked. */
  evaluate(): Promise<BuiltTarget>
}

/** The end of the part that runs in the client: the reference it chose, nothing, or an error. */
export type Returned =
  | { readonly reference: string | undefined; readonly metadata: ReadonlyMap<string, Uint8Array> }
  | { readonly error: GrpcError }

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
  isBegun = false
  /** Why its steps were or weren't cached, by their numbers. */
  readonly explained = new Map<number, ExplainedStep>()
  /** Its steps may ask for the host's network. */
  hostNetwork = false
  readonly #stack = new AsyncDisposableStack()

  constructor(ref: string) {
    this.ref = ref
    // Nobody may be waiting when the client goes away.
    this.begun.promise.catch(() => undefined)
    this.returned.promise.catch(() => undefined)
  }

  begin(begin: JobBegin): void {
    this.isBegun = true
    this.hostNetwork = begin.entitlements.includes('network.host')
    this.begun.resolve(begin)
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
  /** What the part that runs in the client may ask for as its inputs. */
  readonly inputs: ReadonlyMap<string, llb.Definition | undefined>
  /** What its user allows it (`--allow`). */
  readonly entitlements: readonly string[]
  readonly signal: AbortSignal
}

const mostEnded = 1024

/** The jobs under way. */
export class Jobs {
  readonly #jobs = new Map<string, Job>()
  /** Names of jobs that ended lately: who still asks for one must not wait for another. */
  readonly #ended = new Set<string>()

  /** The job with this name, begun or not. */
  named(ref: string): Job {
    if (ref === '') throw new GrpcError(grpcCode.invalidArgument, 'no build is named')
    if (this.#ended.has(ref)) throw new GrpcError(grpcCode.notFound, `no such job ${ref.slice(0, 80)}`)
    const job = this.#jobs.get(ref) ?? new Job(ref)
    this.#jobs.set(ref, job)
    return job
  }

  hasEnded(ref: string): boolean {
    return this.#ended.has(ref)
  }

  /** Whoever asked for it is gone; a job that never began is forgotten. */
  abandon(job: Job): void {
    if (!job.isBegun && this.#jobs.get(job.ref) === job) this.#jobs.delete(job.ref)
  }

  async end(job: Job): Promise<void> {
    this.#jobs.delete(job.ref)
    this.#ended.add(job.ref)
    const [oldest] = this.#ended
    if (this.#ended.size > mostEnded && oldest !== undefined) this.#ended.delete(oldest)
    await job[Symbol.asyncDispose]()
  }
}
