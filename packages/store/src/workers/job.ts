import type { MessagePort } from 'node:worker_threads'
import type { ByteMessage, ByteReceiver, ByteSender, Failure } from './byte-channel.ts'

/** What a job sees of the thread that asked for it. */
export interface JobContext {
  readonly signal: AbortSignal
  /** Bytes done since the last call. */
  progress(bytes: number): void
  /** The bytes that the caller streams in, if it does. */
  readonly source: ByteReceiver
  /** The bytes that the caller reads, if it does. */
  readonly sink: ByteSender
}

export type Job<Input, Output> = (input: Input, context: JobContext) => Promise<Output>

/** Asks a worker for a job. All that follows goes over the job's own port. */
export interface JobRequest {
  readonly kind: string
  readonly input: unknown
  readonly port: MessagePort
  /** What the caller would stream in comes through this one, from another thread. */
  readonly sourcePort?: MessagePort | undefined
}

export type ToWorker = ByteMessage | { readonly type: 'abort' }
export type FromWorker =
  | ByteMessage
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'done'; readonly output: unknown }
  | { readonly type: 'failed'; readonly failure: Failure }
