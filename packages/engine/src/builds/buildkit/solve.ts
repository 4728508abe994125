import { type control, statusOf } from '@slipway/buildkit'
import { SlipwayError } from '@slipway/core'
import { exportResult } from './export/export.ts'
import { inputsOf, solveDockerfile } from './frontend.ts'
import type { Job, Reference } from './job.ts'
import type { BuildKit } from './room.ts'

/** A dockerfile frontend that the daemon runs itself, as buildctl asks for it; or the client's own part, which returns. */
const resultOf = async (
  room: BuildKit,
  job: Job,
  request: control.SolveRequest,
  signal: AbortSignal,
): Promise<Reference | undefined> => {
  if (request.frontend !== '') {
    const session = await room.sessions.find(request.session, signal)
    const inputs = inputsOf(room, request.frontendInputs)
    return (await solveDockerfile({ ...room, session, job, inputs, signal }, request.frontendAttrs)).reference
  }
  const returned = await job.returned.promise
  if ('error' in returned) throw returned.error
  return returned.reference === undefined ? undefined : job.reference(returned.reference)
}

/** Older clients have one, and another place for it. */
const exportersOf = ({ exporters, exporterDeprecated, exporterAttrsDeprecated }: control.SolveRequest) =>
  exporters.length > 0 || exporterDeprecated === ''
    ? exporters
    : [{ type: exporterDeprecated, attrs: exporterAttrsDeprecated }]

/** Control/Solve: stays open until everything is done and exported. */
export const solve = async (
  room: BuildKit,
  request: control.SolveRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  if ((request.cache?.exports ?? []).some(({ type }) => type !== 'inline')) {
    throw new SlipwayError('unsupported', 'exporting the build cache is not supported')
  }
  const job = room.jobs.named(request.ref)
  const stop = (): void => job.returned.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    job.begin({ session: request.session, signal })
    if (!request.internal) room.history.begin(request, job.progress)
    const reference = await resultOf(room, job, request, signal)
    const built = await reference?.evaluate()
    const response =
      built === undefined
        ? new Map<string, string>()
        : await exportResult(built, exportersOf(request), {
            worker: room.worker,
            images: room.images,
            progress: job.progress,
            session: () => room.sessions.find(request.session, signal),
            signal,
          })
    room.history.end(request.ref, { response })
    return response
  } catch (error) {
    room.history.end(request.ref, { error })
    throw statusOf(error)
  } finally {
    signal.removeEventListener('abort', stop)
    await room.jobs.end(job)
  }
}
