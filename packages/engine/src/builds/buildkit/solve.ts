import type { BuiltTarget } from '@slipway/build'
import type { control } from '@slipway/buildkit'
import { type ImageConfig, invalid } from '@slipway/core'
import { exportResult, planExports } from './export/export.ts'
import { failureOf } from './failure.ts'
import { checkFrontend, solveDockerfile } from './frontend.ts'
import { inputsOf, solveGraph } from './graph/solve.ts'
import type { Job, Reference } from './job.ts'
import { refuseUnsupported } from './refuse.ts'
import type { BuildKit } from './room.ts'

interface Result {
  readonly reference?: Reference | undefined
  /** The image config that the client wants the result to have, as JSON. */
  readonly config?: Uint8Array | undefined
}

const resultOf = async (
  room: BuildKit,
  job: Job,
  request: control.SolveRequest,
  signal: AbortSignal,
): Promise<Result> => {
  const { definition, frontend, frontendAttrs, frontendInputs } = request
  const parts = async () => ({ ...room, session: await room.sessions.find(request.session, signal), job, signal })
  // As buildctl asks for it: the daemon runs the frontend, or there is none.
  if (frontend !== '') {
    checkFrontend(frontend, frontendAttrs)
    const asked = await parts()
    return solveDockerfile({ ...asked, inputs: inputsOf(asked, frontendInputs) }, frontendAttrs)
  }
  if (definition !== undefined && definition.def.length > 0) {
    return { reference: await solveGraph(definition, await parts()) }
  }
  // As buildx does: the client runs a part itself, and returns.
  const returned = await job.returned.promise
  if ('error' in returned) throw returned.error
  const { reference, metadata } = returned
  if (reference === undefined) return { reference: undefined }
  return { reference: job.reference(reference), config: metadata.get('containerimage.config') }
}

const parseConfig = (json: Uint8Array): Partial<ImageConfig> => {
  try {
    const value: unknown = JSON.parse(Buffer.from(json).toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // Told below.
  }
  throw invalid('failed to unmarshal image config')
}

/** What was built, as the image that the client describes; its layers are our business. */
const withConfig = (built: BuiltTarget, json: Uint8Array | undefined): BuiltTarget => {
  if (json === undefined || json.length === 0) return built
  const { rootfs: _, history: __, ...asked } = parseConfig(json)
  const config: ImageConfig = { ...built.config, ...asked }
  return { config, save: () => built.save(config) }
}

/** Older clients have one, and another place for it. */
const exportersOf = ({ exporters, exporterDeprecated, exporterAttrsDeprecated }: control.SolveRequest) =>
  exporters.length > 0 || exporterDeprecated === ''
    ? exporters
    : [{ type: exporterDeprecated, attrs: exporterAttrsDeprecated }]

/** In the order of the file. */
const explainedIn = ({ explained }: Job) => [...explained].sort(([one], [other]) => one - other).map(([, step]) => step)

/** Control/Solve: stays open until everything is done and exported. */
export const solve = async (
  room: BuildKit,
  request: control.SolveRequest,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> => {
  const job = room.jobs.named(request.ref)
  const stop = (): void => job.returned.reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    // Who follows it is to see its end too.
    refuseUnsupported(request)
    const planned = planExports(exportersOf(request))
    job.begin({
      session: request.session,
      inputs: request.frontendInputs,
      entitlements: request.entitlements,
      signal,
    })
    if (!request.internal) room.history.begin(request, job.progress)
    const { reference, config } = await resultOf(room, job, request, signal)
    const evaluated = await reference?.evaluate()
    const built = evaluated && withConfig(evaluated, config)
    const response =
      built === undefined
        ? new Map<string, string>()
        : await exportResult(built, planned, {
            worker: room.worker,
            images: room.images,
            progress: job.progress,
            session: () => room.sessions.find(request.session, signal),
            signal,
          })
    await room.history.end(request.ref, { response, explained: explainedIn(job) })
    return response
  } catch (error) {
    await room.history.end(request.ref, { error, explained: explainedIn(job) })
    throw failureOf(error, undefined)
  } finally {
    signal.removeEventListener('abort', stop)
    await room.jobs.end(job)
  }
}
