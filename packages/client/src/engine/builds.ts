import { encodeRegistryAuth } from '../auth/registry-auth.ts'
import type { EngineClient } from '../connection/engine-client.ts'
import { readJsonStream } from '../connection/json-stream.ts'
import { encodeFilters } from '../connection/query.ts'
import type { AuthConfig } from '../wire/auth-config.ts'
import type { BuildExplanation, ProgressMessage } from '../wire/progress-message.ts'
import type { BuildPruneResponse } from '../wire/prune-response.ts'
import type { Ulimit } from '../wire/resources.ts'
import type { Filters } from './containers.ts'

export interface BuildOptions {
  readonly tags?: readonly string[]
  /** In the context, with forward slashes. */
  readonly dockerfile?: string
  readonly noCache?: boolean
  /** What a step that fails leaves behind becomes an image, told as `aux.Failed`. */
  readonly keepFailed?: boolean
  /** Why each step was or wasn't cached is told as `aux.Explained`. */
  readonly explain?: boolean
  readonly pull?: boolean
  readonly quiet?: boolean
  /** Remove what a step ran in. */
  readonly remove?: boolean
  readonly forceRemove?: boolean
  /** null: the value is in the environment of whoever asks, and isn't there. */
  readonly buildArguments?: Readonly<Record<string, string | null>>
  readonly labels?: Readonly<Record<string, string>>
  readonly target?: string | undefined
  readonly networkMode?: string | undefined
  readonly platform?: string | undefined
  readonly extraHosts?: readonly string[]
  readonly cacheFrom?: readonly string[]
  /** Bytes. */
  readonly shmSize?: number | undefined
  readonly memory?: number | undefined
  /** Bytes, with the memory; -1: as much as there is. */
  readonly memorySwap?: number | undefined
  readonly cpuPeriod?: number | undefined
  readonly cpuQuota?: number | undefined
  readonly cpuShares?: number | undefined
  readonly cpusetCpus?: string | undefined
  readonly cpusetMems?: string | undefined
  readonly cgroupParent?: string | undefined
  readonly ulimits?: readonly Ulimit[]
  /** A URL, instead of a context that is sent. */
  readonly remote?: string
  /** Credentials by registry, for what FROM names. */
  readonly registryAuth?: Readonly<Record<string, AuthConfig>>
  readonly signal?: AbortSignal
}

/** Why the steps of a build through BuildKit's door were or weren't cached: of the newest one, or of the one that is named. */
export const explainBuild = (client: EngineClient, ref?: string): Promise<BuildExplanation> =>
  client.json({ method: 'GET', path: '/build/explained', query: { ref } })

/** Removes what of the build cache nothing needs. */
export const pruneBuilds = (
  client: EngineClient,
  {
    all = false,
    keep,
    filters,
  }: { readonly all?: boolean; readonly keep?: number | undefined; readonly filters?: Filters } = {},
): Promise<BuildPruneResponse> =>
  client.json({
    method: 'POST',
    path: '/build/prune',
    query: { all, 'keep-storage': keep, filters: encodeFilters(filters) },
  })

const json = (value: Readonly<Record<string, unknown>> | readonly unknown[] | undefined): string | undefined =>
  value === undefined || Object.keys(value).length === 0 ? undefined : JSON.stringify(value)

/** Builds `context`, a tar, and tells how it goes on. The id of the image comes as `aux` at the end. */
export const buildImage = async (
  client: EngineClient,
  context: AsyncIterable<Uint8Array> | undefined,
  options: BuildOptions = {},
): Promise<AsyncIterable<ProgressMessage>> => {
  const { remove = true } = options
  const query = {
    t: options.tags,
    dockerfile: options.dockerfile,
    nocache: options.noCache,
    keepfailed: options.keepFailed === true ? true : undefined,
    explain: options.explain === true ? true : undefined,
    pull: options.pull,
    q: options.quiet,
    rm: remove ? 1 : 0,
    forcerm: options.forceRemove,
    buildargs: json(options.buildArguments),
    labels: json(options.labels),
    target: options.target,
    networkmode: options.networkMode,
    platform: options.platform,
    extrahosts: options.extraHosts,
    cachefrom: json(options.cacheFrom),
    shmsize: options.shmSize,
    memory: options.memory,
    memswap: options.memorySwap,
    cpuperiod: options.cpuPeriod,
    cpuquota: options.cpuQuota,
    cpushares: options.cpuShares,
    cpusetcpus: options.cpusetCpus,
    cpusetmems: options.cpusetMems,
    cgroupparent: options.cgroupParent,
    ulimits: json(options.ulimits),
    remote: options.remote,
    version: '1',
  }
  const headers = {
    'content-type': 'application/x-tar',
    'x-registry-config': encodeRegistryAuth(options.registryAuth ?? {}),
  }
  const body = context === undefined ? {} : { body: context }
  return readJsonStream(
    await client.request({ method: 'POST', path: '/build', query, headers, ...body, signal: options.signal }),
  )
}
