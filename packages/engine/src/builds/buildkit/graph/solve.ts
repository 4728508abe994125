import { type BuiltTarget, planGraph, type RemoteEdge, type Vertex } from '@slipway/build'
import type { llb } from '@slipway/buildkit'
import { hostPlatform } from '@slipway/core'
import type { FrontendParts } from '../frontend.ts'
import type { Reference } from '../job.ts'
import { VertexSteps } from '../vertex-steps.ts'
import { readGraph } from './read.ts'
import type { GraphParts } from './value.ts'

type Parts = Omit<FrontendParts, 'inputs'>

/** What a client put together itself. Its images are resolved; all else waits until the reference is evaluated. */
export const solveGraph = async (definition: llb.Definition, parts: Parts): Promise<Reference> => {
  const { job, worker, session, signal } = parts
  const remotes: RemoteEdge[] = []
  const anew: Vertex[] = []
  const names = new Map<Vertex, string>()
  const platform = hostPlatform()
  const lease = job.use(worker.leases.take('build'))
  const collected: GraphParts = { ...parts, platform, lease, remotes, anew, names }
  const end = await readGraph(definition, collected)
  const steps = new VertexSteps()
  const { observer } = steps
  const planned = job.use(planGraph({ end, remotes, anew, platform, observer, client: session, signal }, worker))
  steps.show(
    job,
    planned.vertices.flatMap((vertex) => {
      const name = names.get(vertex)
      return name === undefined ? [] : [{ vertex, name, place: { start: 0, end: 0 } }]
    }),
  )
  let built: Promise<BuiltTarget> | undefined
  return {
    evaluate() {
      built ??= planned.build()
      return built
    },
  }
}

/** What the inputs of a frontend are, by the names that the client gave them. */
export const inputsOf = (
  parts: Parts,
  definitions: ReadonlyMap<string, llb.Definition | undefined>,
): FrontendParts['inputs'] => {
  const resolve = async (definition: llb.Definition | undefined): Promise<BuiltTarget | undefined> => {
    if (definition === undefined || definition.def.length === 0) return undefined
    const reference = parts.links.resolve(definition) ?? (await solveGraph(definition, parts))
    return reference.evaluate()
  }
  return new Map([...definitions].map(([name, definition]) => [name, () => resolve(definition)]))
}
