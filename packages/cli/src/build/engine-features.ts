import { type GrpcClient, listWorkers } from '@slipway/buildkit/client'
import { Exit } from '../exit.ts'
import type { BuildRequest } from './request.ts'

/** What a worker says of the engine around it. */
interface EngineFeatures {
  /** Images may leave as archives and to registries. A dockerd whose images lie in graph drivers can't do it. */
  readonly hasImageStore: boolean
  /** Under which steps reach the daemon's host. */
  readonly hostGateway: string | undefined
}

const labels = {
  snapshotter: 'org.mobyproject.buildkit.worker.snapshotter',
  hostGateway: 'org.mobyproject.buildkit.worker.moby.host-gateway-ip',
}

const readFeatures = async (client: GrpcClient, signal: AbortSignal): Promise<EngineFeatures> => {
  const [worker] = await listWorkers(client, signal)
  return {
    hasImageStore: worker?.labels.has(labels.snapshotter) ?? false,
    hostGateway: worker?.labels.get(labels.hostGateway),
  }
}

type Asked = Pick<BuildRequest, 'options' | 'outputs' | 'caches'>

/** What needs such a store, in buildx's words. */
const needs: Readonly<Record<string, (request: Asked) => boolean>> = {
  'Multi-platform build': ({ options }) => options.get('platform')?.includes(',') ?? false,
  Attestation: ({ options }) => [...options.keys()].some((name) => name.startsWith('attest:')),
  'OCI exporter': ({ outputs }) => outputs.some(({ type }) => type === 'oci'),
  'Docker exporter': ({ outputs }) => outputs.some(({ type }) => type === 'docker'),
  'Cache export': ({ caches }) => caches.some((attrs) => attrs.get('type') !== 'inline'),
}

const wantsHostGateway = /=host-gateway(?=,|$)/g

const isPushed = ({ outputs }: Asked): boolean => outputs.some(({ attrs }) => attrs.get('push') === 'true')

/** A request as it is sent, and what is to be pushed when it has been built. */
export interface SuitedRequest extends Pick<BuildRequest, 'options' | 'outputs'> {
  readonly pushes: readonly string[]
}

/** The engine can't push what it builds: that is a request of its own. */
const withoutPush = ({ options, outputs }: Asked): SuitedRequest => ({
  options,
  outputs: outputs.map((one) => ({ ...one, attrs: new Map([...one.attrs].filter(([name]) => name !== 'push')) })),
  pushes: outputs.flatMap(({ attrs }) => (attrs.get('push') === 'true' ? (attrs.get('name') ?? '').split(',') : [])),
})

/**
 * Suits a request to the engine, which is only asked when it matters. `host-gateway` stands for an address that the engine
 * knows. Throws Exit for what this engine hasn't.
 */
export const suitRequest = async (request: Asked, client: GrpcClient, signal: AbortSignal): Promise<SuitedRequest> => {
  const { options, outputs } = request
  const wanted = Object.keys(needs).find((name) => needs[name]?.(request))
  const hosts = options.get('add-hosts') ?? ''
  const asIs = { options, outputs, pushes: [] }
  if (wanted === undefined && hosts.search(wantsHostGateway) === -1 && !isPushed(request)) return asIs
  const { hasImageStore, hostGateway } = await readFeatures(client, signal)
  if (wanted !== undefined && !hasImageStore) {
    throw new Exit(
      1,
      `ERROR: failed to build: ${wanted} is not supported for the docker driver.\nTurn on the containerd image store of this engine, and try again.`,
    )
  }
  const suited = hasImageStore ? asIs : withoutPush(request)
  if (hostGateway === undefined) return suited
  const named = hosts.replace(wantsHostGateway, `=${hostGateway}`)
  return { ...suited, options: named === '' ? options : new Map([...options, ['add-hosts', named]]) }
}
