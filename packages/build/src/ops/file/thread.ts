import { parentPort } from 'node:worker_threads'
import { messageOf, SlipwayError } from '@slipway/core'
import { type FileJob, type FileJobResult, runFileJob } from './jobs.ts'

export interface FileJobMessage {
  readonly job: FileJob
  /** Becomes other than 0 when the work is to stop. */
  readonly stop: Int32Array
}

export type FileJobAnswer =
  | { readonly ok: true; readonly result: FileJobResult }
  | {
      readonly ok: false
      readonly code: SlipwayError['code']
      readonly message: string
      readonly detail: Record<string, unknown>
    }

const answer = ({ job, stop }: FileJobMessage): FileJobAnswer => {
  const onEntry = (): void => {
    if (Atomics.load(stop, 0) !== 0) throw new SlipwayError('cancelled', 'the build was cancelled')
  }
  try {
    return { ok: true, result: runFileJob(job, onEntry) }
  } catch (error) {
    const known = error instanceof SlipwayError
    return {
      ok: false,
      code: known ? error.code : 'internal',
      message: messageOf(error),
      detail: known ? { ...error.detail } : {},
    }
  }
}

parentPort?.on('message', (message: FileJobMessage) => parentPort?.postMessage(answer(message)))
