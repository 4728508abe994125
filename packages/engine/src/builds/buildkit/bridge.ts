import { randomBytes } from 'node:crypto'
import { type Call, empty, GrpcError, gateway, grpcCode, type Methods, unary } from '@slipway/buildkit'
import { digestOf, formatReference, hostPlatform, parseReference, SlipwayError, withDefaultTag } from '@slipway/core'
import { capabilities } from './capabilities.ts'
import { failureOf } from './failure.ts'
import { checkFrontend, solveDockerfile } from './frontend.ts'
import { inputsOf, solveGraph } from './graph/solve.ts'
import type { Job, JobBegin, Reference } from './job.ts'
import { sessionLogins } from './logins.ts'
import { listDirectory, readFilePart, statFile } from './result-files.ts'
import type { BuildKit } from './room.ts'
import { workerRecord } from './workers.ts'

const { bridgeService: service } = gateway

/** The build that a call belongs to; the client may call before its Solve has come. */
const jobOf = async ({ jobs }: BuildKit, { metadata, signal }: Call): Promise<Job> => {
  const job = jobs.named(metadata['buildkit-controlapi-buildid']?.[0] ?? '')
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([job.begun.promise, promise])
    return job
  } finally {
    signal.removeEventListener('abort', onAbort)
    jobs.abandon(job)
  }
}

const beginOf = (room: BuildKit, call: Call): Promise<JobBegin> => jobOf(room, call).then(({ begun }) => begun.promise)

const referenceOf = async (room: BuildKit, id: string, call: Call): Promise<Reference> =>
  (await jobOf(room, call)).reference(id)

/** A client may ask for nothing at all: then it gets an empty file system, which has no reference. */
const solve = async (room: BuildKit, request: gateway.BridgeSolveRequest, call: Call) => {
  const job = await jobOf(room, call)
  const { session: id, signal } = await job.begun.promise
  const { frontend, definition, frontendInputs, frontendOpt } = request
  const parts = { ...room, session: await room.sessions.find(id, signal), job, signal }
  const answer = (reference: Reference) => {
    const ref = randomBytes(16).toString('hex')
    job.references.set(ref, reference)
    return { result: { ref: { id: ref, def: room.links.define(reference) } } }
  }
  if (frontend === '') {
    if (definition === undefined || definition.def.length === 0) return { result: {} }
    const reference = await solveGraph(definition, parts)
    if (request.evaluate) await reference.evaluate()
    return answer(reference)
  }
  checkFrontend(frontend, frontendOpt)
  const solved = await solveDockerfile({ ...parts, inputs: inputsOf(parts, frontendInputs) }, frontendOpt)
  if (solved.reference === undefined) return { result: { metadata: solved.answer } }
  if (request.evaluate) await solved.reference.evaluate()
  return answer(solved.reference)
}

/** What an image says of itself, for clients that build on it. */
const resolveImage = async (room: BuildKit, name: string, mode: string, call: Call) => {
  const { session: id, signal } = await beginOf(room, call)
  const session = await room.sessions.find(id, signal)
  await using lease = room.worker.leases.take('build')
  const image = await room.worker.images.resolve(name, {
    pull: mode === 'pull',
    platform: hostPlatform(),
    logins: sessionLogins(session),
    lease,
    signal,
  })
  const config = Buffer.from(JSON.stringify(image.config))
  return { digest: digestOf(config), config, ref: formatReference(withDefaultTag(parseReference(name))) }
}

const imageScheme = 'docker-image://'

/** moby.buildkit.v1.frontend.LLBBridge: what the part of a build calls that runs in the client. */
export const bridgeMethods = (room: BuildKit): Methods => ({
  [`/${service}/Ping`]: unary(empty, gateway.pingResponse, async (_request, call) => {
    await jobOf(room, call)
    return { ...capabilities, workers: [await workerRecord(room)] }
  }),
  [`/${service}/Solve`]: unary(gateway.bridgeSolveRequest, gateway.bridgeSolveResponse, (request, call) =>
    solve(room, request, call).catch((error: unknown) => {
      throw failureOf(error, undefined)
    }),
  ),
  [`/${service}/Evaluate`]: unary(gateway.evaluateRequest, empty, async ({ ref }, call) => {
    await (await referenceOf(room, ref, call)).evaluate()
    return {}
  }),
  [`/${service}/Inputs`]: unary(empty, gateway.inputsResponse, async (_request, call) => ({
    definitions: (await beginOf(room, call)).inputs,
  })),
  [`/${service}/ReadFile`]: unary(gateway.readFileRequest, gateway.readFileResponse, async (request, call) => ({
    data: await readFilePart(room, await referenceOf(room, request.ref, call), request.path, request.range),
  })),
  [`/${service}/ReadDir`]: unary(
    gateway.readDirectoryRequest,
    gateway.readDirectoryResponse,
    async (request, call) => ({
      entries: await listDirectory(
        room,
        await referenceOf(room, request.ref, call),
        request.path,
        request.includePattern,
      ),
    }),
  ),
  [`/${service}/StatFile`]: unary(gateway.statFileRequest, gateway.statFileResponse, async (request, call) => ({
    stat: await statFile(room, await referenceOf(room, request.ref, call), request.path),
  })),
  [`/${service}/ResolveImageConfig`]: unary(
    gateway.resolveConfigRequest,
    gateway.resolveConfigResponse,
    ({ ref, resolveMode }, call) => resolveImage(room, ref, resolveMode, call),
  ),
  [`/${service}/ResolveSourceMeta`]: unary(
    gateway.resolveMetaRequest,
    gateway.resolveMetaResponse,
    async ({ source, resolveMode }, call) => {
      const identifier = source?.identifier ?? ''
      if (!identifier.startsWith(imageScheme)) {
        throw new SlipwayError(
          'unsupported',
          `the metadata of ${JSON.stringify(identifier)} is not known before it is fetched`,
        )
      }
      const name = identifier.slice(imageScheme.length)
      const { digest, config } = await resolveImage(room, name, resolveMode, call)
      return { source: { ...source, attrs: source?.attrs ?? new Map() }, image: { digest, config } }
    },
  ),
  [`/${service}/Warn`]: unary(gateway.warnRequest, empty, async (request, call) => {
    const { digest: vertex, level, short, detail, url, info, ranges } = request
    const { progress } = await jobOf(room, call)
    progress.tell({ warnings: [{ vertex, level, short, detail, url, info, ranges }] })
    return {}
  }),
  [`/${service}/Return`]: unary(gateway.returnRequest, empty, async ({ result, error }, call) => {
    const job = await jobOf(room, call)
    if (error !== undefined && error.code !== grpcCode.ok) {
      job.returned.resolve({ error: new GrpcError(error.code, error.message, { details: error.details }) })
    } else {
      const reference = result?.ref?.id || result?.refDeprecated || undefined
      job.returned.resolve({ reference, metadata: result?.metadata ?? new Map() })
    }
    return {}
  }),
})
