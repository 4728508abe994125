import { availableParallelism } from 'node:os'
import { Readable } from 'node:stream'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { type Bytes, SlipwayError } from '@slipway/core'
import { ByteReceiver, ByteSender, fromFailure, toFailure } from './byte-channel.ts'
import type { FromWorker, Job, JobRequest, ToWorker } from './job.ts'
import type { jobs } from './jobs.ts'
import { PortBytes, refuseRest } from './port-bytes.ts'

type Jobs = typeof jobs
type Input<Kind extends keyof Jobs> = Jobs[Kind] extends Job<infer I, unknown> ? I : never
type Output<Kind extends keyof Jobs> = Jobs[Kind] extends Job<never, infer O> ? O : never

export interface RunOptions {
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((bytes: number) => void) | undefined
  /** Gets what the job sends, and has finished with a piece when it asks for the next. */
  readonly onBytes?: ((bytes: AsyncIterable<Uint8Array>) => void) | undefined
}

/** Jobs wait for the disk and for each other's callers most of the time: a thread runs any number of them at once. */
const threadCount = Math.max(2, Math.min(4, availableParallelism()))
/** An idle thread holds some 15 MB. */
const idleMilliseconds = 10_000

interface Thread {
  readonly worker: Worker
  readonly calls: Set<Call>
  idle?: NodeJS.Timeout
}

const threads = new Set<Thread>()

/** One job seen from the caller's side. */
class Call {
  readonly sender: ByteSender
  readonly receiver: ByteReceiver
  readonly finished: Promise<unknown>
  readonly #port: MessagePort
  readonly #reject: (error: Error) => void
  #cancelled: Error | undefined

  constructor(port: MessagePort, { onProgress, onBytes }: RunOptions) {
    this.#port = port
    this.sender = new ByteSender(port)
    this.receiver = new ByteReceiver(port, { giveBack: onBytes !== undefined })
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.finished = promise
    this.#reject = reject
    // Whoever streams sees the failure there; an unread promise must not bring the process down.
    promise.catch(() => {})
    onBytes?.(this.receiver)
    port.on('message', (message: FromWorker) => {
      if (message.type === 'progress') onProgress?.(message.bytes)
      else if (message.type === 'taken') this.sender.taken(message.piece)
      else if (message.type === 'failed') this.fail(fromFailure(message.failure))
      else if (message.type === 'done') resolve(message.output)
      else this.receiver.receive(message)
    })
  }

  post(message: ToWorker): void {
    this.#port.postMessage(message)
  }

  /** Asks the job to stop. */
  abort(reason?: Error): void {
    this.#cancelled ??= reason
    this.post({ type: 'abort' })
  }

  fail(error: Error): void {
    const told = this.#cancelled ?? error
    this.sender.fail(told)
    this.receiver.fail(told)
    this.#reject(told)
  }
}

const startThread = (): Thread => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'store',
    // Descriptors come from openat2 and are closed by node:fs: its own count of them would be wrong.
    trackUnmanagedFds: false,
    // Hardly anything here is made of JavaScript objects: the default holds on to 10 MB more in each thread.
    resourceLimits: { maxYoungGenerationSizeMb: 1 },
  })
  const thread: Thread = { worker, calls: new Set() }
  threads.add(thread)
  const lost = (error: Error): void => {
    threads.delete(thread)
    for (const call of thread.calls) call.fail(error)
  }
  worker.on('error', lost)
  worker.on('exit', (code) => lost(new SlipwayError('internal', `a store worker ended with code ${code}`)))
  worker.unref()
  return thread
}

/** The thread with the least to do; a new one while there are few and all are busy. */
const pickThread = (): Thread => {
  const [least] = [...threads].sort((one, other) => one.calls.size - other.calls.size)
  return least === undefined || (least.calls.size > 0 && threads.size < threadCount) ? startThread() : least
}

const cancelled = (): SlipwayError => new SlipwayError('cancelled', 'the operation was cancelled')

const begin = (kind: string, input: unknown, options: RunOptions, sourcePort?: MessagePort | undefined): Call => {
  const { signal } = options
  if (signal?.aborted) throw cancelled()
  const thread = pickThread()
  const { port1, port2 } = new MessageChannel()
  const call = new Call(port1, options)
  if (thread.calls.size === 0) thread.worker.ref()
  clearTimeout(thread.idle)
  thread.calls.add(call)
  // The caller hears of it when the worker has stopped, so that what it left can be cleared away.
  const abort = (): void => call.abort(cancelled())
  signal?.addEventListener('abort', abort, { once: true })
  const finish = (): void => {
    signal?.removeEventListener('abort', abort)
    thread.calls.delete(call)
    if (thread.calls.size > 0) return
    thread.worker.unref()
    thread.idle = setTimeout(() => retire(thread), idleMilliseconds).unref()
  }
  call.finished.then(finish, finish)
  const ports = sourcePort === undefined ? [port2] : [port2, sourcePort]
  thread.worker.postMessage({ kind, input, port: port2, sourcePort } satisfies JobRequest, ports)
  return call
}

const retire = (thread: Thread): void => {
  threads.delete(thread)
  void thread.worker.terminate()
}

/** Who was to send something is told when nothing begins. */
const beginWith = (sourcePort: MessagePort | undefined, begin: () => Call): Call => {
  try {
    return begin()
  } catch (error) {
    if (sourcePort !== undefined) refuseRest(sourcePort)
    throw error
  }
}

/** Runs a job in a worker thread. `source` is streamed to it. */
export const runJob = async <Kind extends keyof Jobs & string>(
  kind: Kind,
  input: Input<Kind>,
  { source, ...options }: RunOptions & { readonly source?: Bytes } = {},
): Promise<Output<Kind>> => {
  const sourcePort = source instanceof PortBytes ? source.release() : undefined
  const call = beginWith(sourcePort, () => begin(kind, input, options, sourcePort))
  if (source !== undefined && sourcePort === undefined) void feed(call, source)
  return (await call.finished) as Output<Kind>
}

const feed = async (call: Call, source: Bytes): Promise<void> => {
  try {
    await call.sender.sendAll(source)
    call.sender.end()
  } catch (error) {
    // Either the worker failed, which its caller hears anyway, or the source did, which the worker must hear.
    call.post({ type: 'broken', failure: toFailure(error) })
  }
}

/** Runs a job whose bytes are read here, as it makes them. Destroying the stream stops the job. */
export const streamJob = <Kind extends keyof Jobs & string>(
  kind: Kind,
  input: Input<Kind>,
  options: RunOptions = {},
): Readable => {
  async function* read(): AsyncGenerator<Uint8Array, void, void> {
    const call = begin(kind, input, options)
    let complete = false
    try {
      yield* call.receiver
      await call.finished
      complete = true
    } finally {
      if (!complete) call.abort()
    }
  }
  return Readable.from(read(), { objectMode: false, highWaterMark: 1 })
}

/** A job that takes bytes in as its caller comes by them, over several calls. */
export interface OpenJob<Result> {
  readonly sender: ByteSender
  /** Ends the input and waits for the result. */
  finish(): Promise<Result>
  /** Stops it, and waits until it has. */
  abort(): Promise<void>
}

export const openJob = <Kind extends keyof Jobs & string>(kind: Kind, input: Input<Kind>): OpenJob<Output<Kind>> => {
  const call = begin(kind, input, {})
  return {
    sender: call.sender,
    finish: async () => {
      call.sender.end()
      return (await call.finished) as Output<Kind>
    },
    abort: async () => {
      call.abort()
      await call.finished.catch(() => {})
    },
  }
}
