import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { messageOf, SlipwayError } from '@slipway/core'
import { PortBytes, type WrittenImage } from '@slipway/store'
import type { FollowJob } from './follow.ts'
import type { FileJob, FileJobResult, ImageJob, PackJob } from './jobs.ts'
import type { FileJobAnswer, FileJobMessage } from './thread.ts'

/** Threads are started when they are needed, kept, and don't keep the process alive while they have nothing to do. */
class Threads {
  readonly #most: number
  readonly #idle: Worker[] = []
  readonly #waiting: ((worker: Worker) => void)[] = []
  #count = 0

  constructor(most: number) {
    this.#most = most
  }

  async run(work: Work, signal: AbortSignal): Promise<FileJobResult> {
    const worker = await this.#acquire()
    const answer = await converse(worker, work, signal).catch((error: unknown) => {
      // The thread is gone; whoever waits for one gets another.
      this.#count -= 1
      if (this.#waiting.length > 0) this.#release(this.#start())
      throw error
    })
    this.#release(worker)
    signal.throwIfAborted()
    if (answer.ok) return answer.result
    throw new SlipwayError(answer.code, answer.message, { detail: answer.detail })
  }

  #start(): Worker {
    this.#count += 1
    const worker = new Worker(new URL('./thread.ts', import.meta.url))
    worker.unref()
    return worker
  }

  #release(worker: Worker): void {
    worker.unref()
    const next = this.#waiting.shift()
    if (next === undefined) this.#idle.push(worker)
    else next(worker)
  }

  #acquire(): Promise<Worker> {
    const worker = this.#idle.pop() ?? (this.#count < this.#most ? this.#start() : undefined)
    if (worker !== undefined) return Promise.resolve(worker)
    return new Promise((settle) => this.#waiting.push(settle))
  }
}

const threads = new Threads(Math.max(2, Math.min(4, availableParallelism())))
/** One that waits for a client most of the time, and in whose place nobody else has to wait. */
const followers = new Threads(1)

type Work = Pick<FileJobMessage, 'job'> & { readonly port?: MessagePort }

/** Sends a thread its work, and waits for its answer, also when the work is to stop. */
const converse = (worker: Worker, work: Work, signal: AbortSignal): Promise<FileJobAnswer> =>
  new Promise((resolve, reject) => {
    const stop = new Int32Array(new SharedArrayBuffer(4))
    const onAbort = (): void => {
      Atomics.store(stop, 0, 1)
    }
    const end = (finish: () => void): void => {
      worker.off('message', onMessage)
      worker.off('error', onError)
      signal.removeEventListener('abort', onAbort)
      finish()
    }
    const onMessage = (answer: FileJobAnswer): void => end(() => resolve(answer))
    const onError = (error: unknown): void => end(() => reject(error))
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort)
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.ref()
    try {
      worker.postMessage({ ...work, stop }, work.port === undefined ? [] : [work.port])
    } catch (error) {
      // A port whose other end is closed by now can't be handed over; the thread has noticed nothing.
      onMessage({ ok: false, code: 'cancelled', message: messageOf(error), detail: {} })
    }
  })

/** Does the work in a thread. Throws what it throws there; cancelled when `signal` is aborted. */
export const runInThread = (job: FileJob, signal: AbortSignal): Promise<FileJobResult> => threads.run({ job }, signal)

const imageOf = ({ image }: FileJobResult): WrittenImage => {
  if (image === undefined) throw new SlipwayError('internal', 'the thread made no image')
  return image
}

/** Makes a layer's image in a thread, in the same way. */
export const writeInThread = async (job: ImageJob, signal: AbortSignal): Promise<WrittenImage> =>
  imageOf(await threads.run({ job }, signal))

/** Makes one of what comes through `port`: see `FollowMessage`. */
export const followInThread = async (job: FollowJob, port: MessagePort, signal: AbortSignal): Promise<WrittenImage> =>
  imageOf(await followers.run({ job, port }, signal))

/**
 * A layer's tar, made in a thread as it is read. What goes wrong there is told to who reads. Disposing lets the thread go, and
 * waits until it has stopped.
 */
export const packInThread = (
  job: PackJob,
  signal: AbortSignal,
): { readonly bytes: PortBytes; [Symbol.asyncDispose](): Promise<void> } => {
  const { port1, port2 } = new MessageChannel()
  const bytes = new PortBytes(port1)
  const done = threads.run({ job, port: port2 }, signal).catch(() => undefined)
  return {
    bytes,
    async [Symbol.asyncDispose]() {
      bytes[Symbol.dispose]()
      await done
    },
  }
}
