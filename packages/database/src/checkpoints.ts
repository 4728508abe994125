import { Worker } from 'node:worker_threads'
import type { CheckpointAnswer } from './checkpoint-thread.ts'

/** An idle thread holds some 15 MB. */
const idleMs = 30_000

/**
 * Brings what is in the write-ahead log of a database into its file, on a thread: it syncs both, and on a busy disk that takes
 * tens of milliseconds. The thread is started when there is something to do, and ends when there was nothing for a while.
 */
export class Checkpoints implements AsyncDisposable {
  readonly #path: string
  #worker: Worker | undefined
  #idle: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()

  /** Of the database file at `path`. */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * As far as readers allow, after those that were asked for before. Throws SQLite's error, with its `errcode`; then all that
   * it should have brought is still in the log.
   */
  run(): Promise<void> {
    const running = this.#last.then(() => this.#ask())
    this.#last = running.catch(() => undefined)
    return running
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last
    await this.#stop()
  }

  async #ask(): Promise<void> {
    clearTimeout(this.#idle)
    this.#worker ??= this.#start()
    const worker = this.#worker
    try {
      const answer = await converse(worker)
      if (answer.message !== undefined) throw Object.assign(new Error(answer.message), { errcode: answer.errcode })
    } finally {
      this.#idle = setTimeout(() => void this.#stop(), idleMs).unref()
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-thread.ts', import.meta.url), {
      name: 'checkpoints',
      workerData: this.#path,
      resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
    })
    // Whoever waits for it is told of an error; the next finds another thread.
    worker.on('error', () => undefined)
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
    })
    worker.unref()
    return worker
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#idle)
    const worker = this.#worker
    this.#worker = undefined
    await worker?.terminate()
  }
}

const converse = (worker: Worker): Promise<CheckpointAnswer> =>
  new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      worker.unref()
      worker.off('message', onMessage)
      worker.off('error', onError)
      worker.off('exit', onExit)
      finish()
    }
    const onMessage = (answer: CheckpointAnswer): void => end(() => resolve(answer))
    const onError = (error: unknown): void => end(() => reject(error))
    const onExit = (): void => onError(new Error('the thread of the checkpoints has ended'))
    worker.on('message', onMessage)
    worker.on('error', onError)
    worker.on('exit', onExit)
    worker.ref()
    worker.postMessage('')
  })
