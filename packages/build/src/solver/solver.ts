import { availableParallelism } from 'node:os'
import { chainIdOf, type DiffId, type Digest, type Lease, SlipwayError } from '@slipway/core'
import type { BuildClient, Edge, KeyParts, Op, OpContext, Result, Vertex } from '../graph/vertex.ts'
import { identityOf, keyOf } from '../ops/identity.ts'
import type { BuildWorker } from '../worker.ts'
import { type Account, type Accounts, inputParts, openAccounts, type Reason, reasonToMake } from './account.ts'
import { openStepCache, type StepCache } from './cache.ts'
import { slots } from './slots.ts'
import { WorkInFlight } from './work.ts'

/** What happens to a vertex while it is solved. */
export interface Observer {
  onStarted(vertex: Vertex): void
  /** Done, or found in the cache; `error`: it failed. Comes after `onStarted`, once. */
  onFinished?(vertex: Vertex, outcome: { readonly cached: boolean; readonly error?: unknown }): void
  onRunning(vertex: Vertex, id: string): void
  onOutput(vertex: Vertex, stream: 'stdout' | 'stderr', bytes: Uint8Array): void | Promise<void>
}

export interface SessionOptions {
  /** Doesn't ask the cache, but writes to it. */
  readonly noCache: boolean
  readonly signal: AbortSignal
  readonly observer: Observer
  readonly keepFailed?: boolean | undefined
  readonly client?: BuildClient | undefined
}

export interface Solved {
  readonly results: readonly Result[]
  /** Nothing had to be done. */
  readonly cached: boolean
}

/**
 * Turns vertices into results. One solver serves all builds of a daemon: they share its cache, and what is in flight.
 *
 * A vertex is looked up by its definition first (what is done, to which inputs), then by content (what those inputs hold),
 * and only then done. Inputs that don't depend on one another are solved at the same time.
 */
export class Solver {
  readonly worker: BuildWorker
  readonly cache: StepCache
  readonly accounts: Accounts
  readonly inFlight = new WorkInFlight()
  /** More copying and unpacking at once than processors only makes each of them slower. */
  readonly enter = slots(Math.max(2, availableParallelism()))

  constructor(worker: BuildWorker) {
    this.worker = worker
    this.cache = openStepCache(worker.cache)
    this.accounts = openAccounts(worker.cache)
  }

  /** What one build solves. Dispose it at the end of the build: then what it held can be collected. */
  session(options: SessionOptions): Session {
    return new Session(this, options)
  }
}

/** Processes of one build at a time. They may wait for the network, for a lock or for one another: processors are no measure. */
const mostProcesses = 64

export class Session implements AsyncDisposable {
  readonly lease: Lease
  /** Those that failed themselves, and not only something that they stand on. */
  readonly failed = new Set<Vertex>()
  readonly #solver: Solver
  readonly #options: SessionOptions
  readonly #solved = new Map<Vertex, Promise<Solved>>()
  readonly #anew = new Set<Vertex>()
  /** Names that stay the same from build to build, of the vertices whose reasons are to be known. */
  readonly #places = new Map<Vertex, Digest>()
  readonly #reasons = new Map<Vertex, Reason>()
  readonly #accounts = new Map<Digest, Account>()
  readonly #cleanups: (() => Promise<void>)[] = []
  readonly #enterProcess = slots(mostProcesses)

  constructor(solver: Solver, options: SessionOptions) {
    this.#solver = solver
    this.#options = options
    this.lease = solver.worker.leases.take('build')
  }

  /** Solved once per session, however often it is asked for. */
  solve(vertex: Vertex): Promise<Solved> {
    const known = this.#solved.get(vertex)
    if (known !== undefined) return known
    const solved = this.#solveNew(vertex)
    // Whoever asked gets the error; that nobody asked for this one again is no fault.
    solved.catch(() => undefined)
    this.#solved.set(vertex, solved)
    return solved
  }

  async result({ vertex, output }: Edge): Promise<Result> {
    const result = (await this.solve(vertex)).results[output]
    if (result === undefined) throw new SlipwayError('internal', `there is no output ${output} of ${vertex.name}`)
    return result
  }

  /** These are done anew, whatever the cache says; what they stand on need not be. */
  ignoreCache(vertices: readonly Vertex[]): void {
    for (const vertex of vertices) this.#anew.add(vertex)
  }

  /** What is made for a vertex is compared with what was made for the last one in the same place. */
  place(vertex: Vertex, place: Digest): void {
    this.#places.set(vertex, place)
  }

  /** Why it was or wasn't found in the cache; undefined: it has no place, or wasn't looked for yet. */
  reason(vertex: Vertex): Reason | undefined {
    return this.#reasons.get(vertex)
  }

  /** Keeps layers from being collected until the session ends. */
  hold(layers: readonly DiffId[]): void {
    const name = chainIdOf(layers)
    if (name !== undefined) this.lease.hold({ kind: 'snapshot', name })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#solved.values())
    await Promise.allSettled([this.#solver.accounts.write(this.#accounts)])
    await Promise.allSettled(this.#cleanups.map((cleanup) => cleanup()))
    await this.lease[Symbol.asyncDispose]()
  }

  async #solveNew(vertex: Vertex): Promise<Solved> {
    // Thousands of steps in a row would be more than the stack holds.
    await Promise.resolve()
    const coming = vertex.inputs.map((input) => ({ vertex: input.vertex, result: () => this.result(input) }))
    const context = this.#context(vertex)
    await using ahead = vertex.op.ahead?.(coming, context, this.#isAnew(vertex)) ?? null
    const inputs = await Promise.all(vertex.inputs.map((input) => this.result(input)))
    this.#options.signal.throwIfAborted()
    const { observer } = this.#options
    observer.onStarted(vertex)
    try {
      const solved = await this.#findOrRun(vertex, inputs, ahead === null ? context : { ...context, ahead })
      observer.onFinished?.(vertex, { cached: solved.cached })
      return solved
    } catch (error) {
      // What was stopped because something else failed isn't said to have failed for that.
      const isStopped = this.#options.signal.aborted
      if (!isStopped) this.failed.add(vertex)
      observer.onFinished?.(vertex, { cached: false, error: isStopped ? stopped(error) : error })
      throw error
    }
  }

  #isAnew(vertex: Vertex): boolean {
    return this.#options.noCache || this.#anew.has(vertex)
  }

  async #findOrRun(vertex: Vertex, inputs: readonly Result[], context: OpContext): Promise<Solved> {
    const { op } = vertex
    if (op.kind === 'source') return { results: await op.run(inputs, context), cached: false }

    const byDefinition = op.cacheKey(inputs.map(identityOf))
    const hit = await this.#find(vertex, byDefinition, inputs)
    const definition = (): KeyParts => ({ ...inputParts(inputs), ...op.parts?.() })
    if (hit !== undefined && byDefinition !== undefined) {
      const note = await this.#explain(vertex, { keys: [byDefinition], parts: definition }, { kind: 'found' })
      note()
      return hit
    }
    const content = await op.contentKey?.(inputs, context)
    const byContent = content?.key
    const keys = [byDefinition, byContent].filter((key) => key !== undefined)
    const made = { keys, parts: () => ({ ...definition(), ...content?.parts }) }
    const sameContent = await this.#find(vertex, byContent, inputs)
    if (sameContent !== undefined) {
      if (byDefinition !== undefined) await this.#remember(vertex, [byDefinition], inputs, sameContent.results)
      const note = await this.#explain(vertex, made, { kind: 'sameContent' })
      note()
      return sameContent
    }
    const note = await this.#explain(vertex, made)
    const results = await this.#run(vertex, inputs, keys, context)
    note()
    return { results, cached: false }
  }

  /** Finds out why; what it returns is to be called when the vertex is there, for the next one in its place. */
  async #explain(vertex: Vertex, { keys, parts }: Made, hit?: Reason): Promise<() => void> {
    const place = this.#places.get(vertex)
    if (place === undefined) return () => undefined
    const before = await this.#solver.accounts.find(place)
    const isSame = before?.keys.some((key) => keys.includes(key)) ?? false
    if (hit !== undefined && isSame) {
      this.#reasons.set(vertex, hit)
      return () => undefined
    }
    const now: Account = { keys, parts: parts() }
    const isForced = this.#isAnew(vertex)
    this.#reasons.set(vertex, hit ?? (isForced ? { kind: 'forced' } : reasonToMake(before, now)))
    return () => this.#accounts.set(place, now)
  }

  #context(vertex: Vertex): OpContext {
    const { observer, signal, client, keepFailed = false } = this.#options
    return {
      ...(client === undefined ? {} : { client }),
      worker: this.#solver.worker,
      signal,
      keepFailed,
      hold: (layers) => this.hold(layers),
      onEnd: (cleanup) => this.#cleanups.push(cleanup),
      onRunning: (id) => observer.onRunning(vertex, id),
      onOutput: (stream, bytes) => observer.onOutput(vertex, stream, bytes),
    }
  }

  async #run(
    vertex: Vertex,
    inputs: readonly Result[],
    keys: readonly Digest[],
    waiter: OpContext,
  ): Promise<readonly Result[]> {
    const enter = vertex.op.kind === 'exec' ? this.#enterProcess : this.#solver.enter
    const work = (context: Partial<OpContext>): Promise<readonly Result[]> =>
      enter(async () => {
        const results = await vertex.op.run(inputs, { ...waiter, ...context })
        await this.#remember(vertex, keys, inputs, results)
        return results
      })
    const [key] = keys
    return key === undefined ? work({}) : this.#solver.inFlight.do(key, waiter, work)
  }

  async #find(vertex: Vertex, key: Digest | undefined, inputs: readonly Result[]): Promise<Solved | undefined> {
    if (key === undefined || this.#isAnew(vertex)) return undefined
    const found = await Promise.all(
      outputsOf(vertex.op).map((base, output) => this.#findLayers(outputKey(key, output), base, inputs)),
    )
    const results = found.flatMap((layers) => (layers === undefined ? [] : [{ kind: 'layers' as const, layers }]))
    return results.length === found.length ? { results, cached: true } : undefined
  }

  async #findLayers(key: Digest, base: number | undefined, inputs: readonly Result[]) {
    const below = layersBelow(base, inputs)
    const added = await this.#solver.cache.find(key)
    if (added === undefined || below === undefined) return undefined
    const layers = [...below, ...added]
    const name = chainIdOf(layers)
    // Held first, looked at then: between the two nobody can take it away.
    this.hold(layers)
    const there = name === undefined || (await this.#solver.worker.snapshots.stat(name)) !== undefined
    if (there) await this.#solver.cache.touch(layers)
    return there ? layers : undefined
  }

  async #remember({ op }: Vertex, keys: readonly Digest[], inputs: readonly Result[], results: readonly Result[]) {
    for (const [output, base] of outputsOf(op).entries()) {
      const below = layersBelow(base, inputs)
      const result = results[output]
      if (below === undefined || result?.kind !== 'layers') continue
      const named = keys.map((key) => outputKey(key, output))
      await this.#solver.cache.remember(named, result.layers.slice(below.length), result.layers)
    }
  }
}

const stopped = (cause: unknown): SlipwayError => new SlipwayError('cancelled', 'context canceled', { cause })

/** What a vertex is found or made by; its parts are put together only when they are needed. */
interface Made {
  readonly keys: readonly Digest[]
  readonly parts: () => KeyParts
}

const outputsOf = ({ outputs = [0] }: Op): readonly (number | undefined)[] => outputs

const outputKey = (key: Digest, output: number): Digest => (output === 0 ? key : keyOf('output', key, output))

/** The layers that an output stands on; undefined: they are none that could be named. */
const layersBelow = (base: number | undefined, inputs: readonly Result[]): readonly DiffId[] | undefined => {
  if (base === undefined) return []
  const input = inputs[base]
  return input?.kind === 'layers' ? input.layers : undefined
}

/** The builds of one worker share a solver: its cache, and the work that is in flight. */
const solvers = new WeakMap<BuildWorker, Solver>()

export const solverOf = (worker: BuildWorker): Solver => {
  const known = solvers.get(worker) ?? new Solver(worker)
  solvers.set(worker, known)
  return known
}
