import type { Digest, ImageConfig, Platform } from '@slipway/core'
import type { BuiltTarget } from './build.ts'
import { emptyImage } from './export/image.ts'
import type { BuildClient, Edge, Vertex } from './graph/vertex.ts'
import { pathsRead, verticesOf } from './graph/walk.ts'
import { keyOf } from './ops/identity.ts'
import type { RemoteEdge } from './ops/source.ts'
import { type Observer, type Session, type Solver, solverOf } from './solver/solver.ts'
import type { BuildWorker } from './worker.ts'

/** What a client put together itself, without a Dockerfile. */
export interface GraphRequest {
  /** The file system that is asked for. */
  readonly end: Edge
  /** Those of its sources that stay with the client. */
  readonly remotes: readonly RemoteEdge[]
  /** Done anew, whatever the cache says. */
  readonly anew: readonly Vertex[]
  readonly platform: Platform
  readonly observer: Observer
  readonly client?: BuildClient
  readonly signal: AbortSignal
}

/** Disposing ends it, and lets go of what it made and nobody saved. */
export interface PlannedGraph extends AsyncDisposable {
  /** In the order in which they can be done. */
  readonly vertices: readonly Vertex[]
  build(): Promise<BuiltTarget>
}

const exporterComment = 'buildkit.exporter.image.v0'
const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** A file system as an image that says nothing of how it is run. */
const imageOf = async (end: Edge, session: Session, solver: Solver, platform: Platform): Promise<ImageConfig> => {
  const result = await session.result(end)
  const layers = result.kind === 'layers' ? result.layers : []
  const { createdAt: created } = await solver.cache.stateTime(keyOf('graph', platform, layers), false)
  return {
    ...emptyImage(platform),
    created,
    config: { Env: [defaultPath], WorkingDir: '/' },
    rootfs: { type: 'layers', diff_ids: layers },
    history: layers.map(() => ({ created, created_by: end.vertex.name, comment: exporterComment })),
  }
}

/** Solves a graph; nothing is begun before `build()`. */
export const planGraph = (request: GraphRequest, worker: BuildWorker): PlannedGraph => {
  const { end, remotes, anew, platform, observer, client, signal } = request
  const solver = solverOf(worker)
  const session = solver.session({ noCache: false, signal, observer, client })
  const vertices = verticesOf(end.vertex)
  for (const each of remotes) each.want(pathsRead(vertices, each.edge))
  session.ignoreCache(anew)
  return {
    vertices,
    async build() {
      const config = await imageOf(end, session, solver, platform)
      const save = async (as = config): Promise<Digest> =>
        (await worker.images.save({ config: as, lease: session.lease })).id
      return { config, save }
    },
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  }
}
