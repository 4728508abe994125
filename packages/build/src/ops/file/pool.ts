import { availableParallelism } from 'node:os'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { SlipwayError } from '@slipway/core'
import { PortBytes, type WrittenImage } from '@slipway/store'
import type { FileJob, FileJobResult, ImageJob, PackJob } from './jobs.ts'
import type { FileJobAnswer, FileJobMessage } from './thread.ts'

const mostThreads = Math.max(2, Math.min(4, availableParallelism()))

const idle: Worker[] = []
const waiting: ((worker: Worker) => void)[] = []
let threads = 0

/** Threads are started when they are needed, kept, and don't keep the process alive while they have nothing to do. */
const startThread = (): Worker => {
  threads += 1
  const worker = new Worker(new URL('./thread.ts', import.meta.url))
  worker.unref()
  return worker
}

const release = (worker: Worker): void => {
  worker.unref()
  const next = waiting.shift()
  if (next === undefined) idle.push(worker)
  else next(worker)
}

const acquire = (): Promise<Worker> => {
  const worker = idle.pop() ?? (threads < mostThreads ? startThread() : undefined)
  if (worker !== undefined) return Promise.resolve(worker)
  return new Promise((settle) => waiting.push(settle))
}

/** Sends a thread its work, and waits for its answer, also when the work is to stop. */
const converse = (
  worker: Worker,
  work: Pick<FileJobMessage, 'job'> & { readonly port?: MessagePort },
  signal: AbortSignal,
): Promise<FileJobAnswer> =>
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
    worker.postMessage({ ...work, stop }, work.port === undefined ? [] : [work.port])
  })

const runInAny = async (work: Parameters<typeof converse>[1], signal: AbortSignal): Promise<FileJobResult> => {
  const worker = await acquire()
  const answer = await converse(worker, work, signal).catch((error: unknown) => {
    // The thread is gone; whoever waits for one gets another.
    threads -= 1
    if (waiting.length > 0) release(startThread())
    throw error
  })
  release(worker)
  signal.throwIfAborted()
  if (answer.ok) return answer.result
  throw new SlipwayError(answer.code, answer.message, { detail: answer.detail })
}

/** Does the work in a thread. Throws what it throws there; cancelled when `signal` is aborted. */
export const runInThread = (job: FileJob, signal: AbortSignal): Promise<FileJobResult> => runInAny({ job }, signal)

/** Makes a layer's image in a thread, in the same way. */
export const writeInThread = async (job: ImageJob, signal: AbortSignal): Promise<WrittenImage> => {
  const { image } = await runInAny({ job }, signal)
  if (image === undefined) throw new SlipwayError('internal', 'the thread made no image')
  return image
}

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
  const done = runInAny({ job, port: port2 }, signal).catch(() => undefined)
  return {
    bytes,
    async [Symbol.asyncDispose]() {
      bytes[Symbol.dispose]()
      await done
    },
  }
}
