import { type MessagePort, parentPort } from 'node:worker_threads'
import { messageOf, SlipwayError } from '@slipway/core'
import { type ByteMessage, ByteSender, fromFailure, toFailure } from '@slipway/store'
import { type FollowJob, runFollowJob } from './follow.ts'
import {
  type FileJob,
  type FileJobResult,
  type ImageJob,
  type PackJob,
  runFileJob,
  runImageJob,
  runPackJob,
} from './jobs.ts'

export type FileJobMessage = {
  /** Becomes other than 0 when the work is to stop. */
  readonly stop: Int32Array
} & ({ readonly job: FileJob | ImageJob } | { readonly job: PackJob | FollowJob; readonly port: MessagePort })

export type FileJobAnswer =
  | { readonly ok: true; readonly result: FileJobResult }
  | {
      readonly ok: false
      readonly code: SlipwayError['code']
      readonly message: string
      readonly detail: Record<string, unknown>
    }

const pack = async (job: PackJob, port: MessagePort, onEntry: () => void): Promise<void> => {
  const sender = new ByteSender(port)
  port.on('message', (message: ByteMessage) => {
    if (message.type === 'taken') sender.taken(message.piece)
    else if (message.type === 'broken') sender.fail(fromFailure(message.failure))
  })
  port.on('close', () => sender.fail(new SlipwayError('cancelled', 'nobody reads this layer')))
  try {
    for (const piece of runPackJob(job, onEntry)) {
      sender.append(piece)
      if (sender.full) await sender.ready()
    }
    sender.end()
  } catch (error) {
    port.postMessage({ type: 'broken', failure: toFailure(error) } satisfies ByteMessage)
    throw error
  } finally {
    port.close()
  }
}

const perform = async (message: FileJobMessage, onEntry: () => void): Promise<FileJobResult> => {
  if (!('port' in message)) {
    const { job } = message
    return job.kind === 'image' ? { image: await runImageJob(job, onEntry) } : runFileJob(job, onEntry)
  }
  const { job, port } = message
  if (job.kind === 'follow') return { image: await runFollowJob(job, port, onEntry) }
  await pack(job, port, onEntry)
  return {}
}

const answer = async (message: FileJobMessage): Promise<FileJobAnswer> => {
  const onEntry = (): void => {
    if (Atomics.load(message.stop, 0) !== 0) throw new SlipwayError('cancelled', 'the build was cancelled')
  }
  try {
    return { ok: true, result: await perform(message, onEntry) }
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

parentPort?.on('message', async (message: FileJobMessage) => parentPort?.postMessage(await answer(message)))
