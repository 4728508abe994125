import { acceptTunnel, control, empty, type Methods, streaming, unary } from '@slipway/buildkit'
import type { BuildKit } from './room.ts'
import { solve } from './solve.ts'
import { pruneUsage, usageRecords } from './usage.ts'
import { buildkitVersion, workerRecord } from './workers.ts'

const { controlService: service } = control

/** What is told of a build: one that ended, one under way, or one that is about to begin. */
async function* follow({ history, jobs }: BuildKit, ref: string, signal: AbortSignal) {
  const past = await history.progressOf(ref)
  if (past !== undefined) {
    yield* past.follow(signal)
    return
  }
  if (jobs.hasEnded(ref)) return
  const job = jobs.named(ref)
  try {
    yield* job.progress.follow(signal)
  } finally {
    jobs.abandon(job)
  }
}

/** moby.buildkit.v1.Control. */
export const controlMethods = (room: BuildKit): Methods => ({
  [`/${service}/ListWorkers`]: unary(control.listWorkersRequest, control.listWorkersResponse, async () => ({
    record: [await workerRecord(room)],
  })),
  [`/${service}/Info`]: unary(empty, control.infoResponse, async () => ({ version: buildkitVersion })),
  [`/${service}/Solve`]: unary(control.solveRequest, control.solveResponse, async (request, { signal }) => ({
    exporterResponse: await solve(room, request, signal),
  })),
  [`/${service}/Session`]: (messages, call) => acceptTunnel(room.sessions, messages, call),
  [`/${service}/Status`]: streaming(control.statusRequest, control.statusResponse, ({ ref }, { signal }) =>
    follow(room, ref, signal),
  ),
  [`/${service}/DiskUsage`]: unary(control.diskUsageRequest, control.diskUsageResponse, async ({ filter }) => ({
    record: await usageRecords(room, filter),
  })),
  [`/${service}/Prune`]: streaming(control.pruneRequest, control.usageRecord, (request) => pruneUsage(room, request)),
  [`/${service}/ListenBuildHistory`]: streaming(control.historyRequest, control.historyEvent, (request, { signal }) =>
    room.history.listen(request, signal),
  ),
  [`/${service}/UpdateBuildHistory`]: unary(control.updateHistoryRequest, empty, async (request) => {
    if (request.delete) await room.history.delete(request.ref)
    else if (!request.finalize) await room.history.store.pin(request.ref, request.pinned)
    return {}
  }),
})
