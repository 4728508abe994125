import { randomBytes } from 'node:crypto'
import { type Call, empty, GrpcError, gateway, grpcCode, type Methods, unary } from '@slipway/buildkit'
import { capabilities } from './capabilities.ts'
import { inputsOf, solveDockerfile } from './frontend.ts'
import type { Job } from './job.ts'
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

const solve = async (room: BuildKit, request: gateway.BridgeSolveRequest, call: Call) => {
  const job = await jobOf(room, call)
  const { session: id, signal } = await job.begun.promise
  if (request.frontend !== 'dockerfile.v0') {
    throw new GrpcError(grpcCode.unimplemented, `frontend ${JSON.stringify(request.frontend)} is not supported`)
  }
  const session = await room.sessions.find(id, signal)
  const inputs = inputsOf(room, request.frontendInputs)
  const { reference, answer } = await solveDockerfile({ ...room, session, job, inputs, signal }, request.frontendOpt)
  if (reference === undefined) return { result: { metadata: answer } }
  if (request.evaluate) await reference.evaluate()
  const ref = randomBytes(16).toString('hex')
  job.references.set(ref, reference)
  return { result: { ref: { id: ref, def: room.links.define(reference) } } }
}

/** moby.buildkit.v1.frontend.LLBBridge: what the part of a build calls that runs in the client. */
export const bridgeMethods = (room: BuildKit): Methods => ({
  [`/${service}/Ping`]: unary(empty, gateway.pingResponse, async (_request, call) => {
    await jobOf(room, call)
    return { ...capabilities, workers: [workerRecord(room.workerId)] }
  }),
  [`/${service}/Solve`]: unary(gateway.bridgeSolveRequest, gateway.bridgeSolveResponse, (request, call) =>
    solve(room, request, call),
  ),
  [`/${service}/Evaluate`]: unary(gateway.evaluateRequest, empty, async ({ ref }, call) => {
    await (await jobOf(room, call)).reference(ref).evaluate()
    return {}
  }),
  [`/${service}/Return`]: unary(gateway.returnRequest, empty, async ({ result, error }, call) => {
    const job = await jobOf(room, call)
    if (error !== undefined && error.code !== grpcCode.ok) {
      job.returned.resolve({ error: new GrpcError(error.code, error.message, { details: error.details }) })
    } else job.returned.resolve({ reference: result?.ref?.id || result?.refDeprecated || undefined })
    return {}
  }),
})
