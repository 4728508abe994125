import { type BuildRequest, parsePlatform, type StepLimits, type StepNetwork } from '@slipway/build'
import { familiarName, invalid, parseReference, type Resources, SlipwayError, withDefaultTag } from '@slipway/core'
import type { SpecRlimit } from '@slipway/runtime'

/** What `POST /build` asks for in its query. */
export interface BuildQuery
  extends Pick<
    BuildRequest,
    | 'tags'
    | 'target'
    | 'buildArgs'
    | 'labels'
    | 'noCache'
    | 'pull'
    | 'platform'
    | 'networkMode'
    | 'keepFailed'
    | 'explain'
    | 'extraHosts'
    | 'shmSize'
    | 'resources'
    | 'limits'
  > {
  /** In the context. */
  readonly dockerfile: string
  /** Where the context is, instead of in the request: a git repository, or an archive or a Dockerfile from the web. */
  readonly remote?: string
  readonly quiet: boolean
  /** Tell it also of the step that failed. */
  readonly forceRemove: boolean
  /** Tell that what a step ran in was removed, as it always is. */
  readonly remove: boolean
}

const falseWords = new Set(['', '0', 'no', 'false', 'none'])
const isOn = (query: URLSearchParams, name: string): boolean =>
  !falseWords.has((query.get(name) ?? '').trim().toLowerCase())

const numberOf = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name)
  if (text === null || text === '' || text === '0') return undefined
  const number = Number(text)
  if (!Number.isSafeInteger(number)) throw invalid(`invalid value for ${name}: ${JSON.stringify(text.slice(0, 80))}`)
  return number
}

/** Throws invalid; null: nothing is given. */
const jsonOf = (query: URLSearchParams, name: string): unknown => {
  const text = query.get(name)
  if (text === null || text === '') return null
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(`error reading ${name}: invalid JSON`)
  }
}

/** A JSON object of strings, some of which may be null. */
const mapOf = (query: URLSearchParams, name: string): Readonly<Record<string, string | null>> => {
  const value = jsonOf(query, name) ?? {}
  const entries = typeof value === 'object' && !Array.isArray(value) ? Object.entries(value) : undefined
  if (entries?.every(([, item]) => typeof item === 'string' || item === null)) return Object.fromEntries(entries)
  throw invalid(`error reading ${name}: invalid JSON`)
}

const parseTag = (text: string): string => {
  const reference = parseReference(text)
  if (reference.digest !== undefined) throw invalid('build tag cannot contain a digest')
  return familiarName(withDefaultTag(reference))
}

const networks: Readonly<Record<string, StepNetwork>> = {
  '': 'default',
  default: 'default',
  bridge: 'default',
  none: 'none',
  host: 'host',
}

const networkOf = (query: URLSearchParams): StepNetwork => {
  const mode = query.get('networkmode') ?? ''
  if (mode.startsWith('container:')) throw new SlipwayError('unsupported', `network mode ${mode} is not supported`)
  return (Object.hasOwn(networks, mode) ? networks[mode] : undefined) ?? `network:${mode}`
}

const resourcesOf = (query: URLSearchParams): Resources => {
  const numbers = {
    memory: numberOf(query, 'memory'),
    memorySwap: numberOf(query, 'memswap'),
    cpuShares: numberOf(query, 'cpushares'),
    cpuPeriod: numberOf(query, 'cpuperiod'),
    cpuQuota: numberOf(query, 'cpuquota'),
    cpusetCpus: query.get('cpusetcpus') || undefined,
    cpusetMems: query.get('cpusetmems') || undefined,
  }
  return Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined))
}

interface Ulimit {
  readonly Name: string
  readonly Soft: number
  readonly Hard: number
}

const isUlimit = (value: unknown): value is Ulimit => {
  const { Name, Soft, Hard } = (value ?? {}) as Partial<Record<keyof Ulimit, unknown>>
  return typeof Name === 'string' && Name !== '' && Number.isSafeInteger(Soft) && Number.isSafeInteger(Hard)
}

const ulimitsOf = (query: URLSearchParams): readonly SpecRlimit[] => {
  const value = jsonOf(query, 'ulimits')
  if (value === null) return []
  if (!Array.isArray(value) || !value.every(isUlimit)) throw invalid('error reading ulimits: invalid JSON')
  return value.map(({ Name, Soft, Hard }) => ({ name: Name, soft: Soft, hard: Hard }))
}

const limitsOf = (query: URLSearchParams): StepLimits => {
  const rlimits = ulimitsOf(query)
  const cgroupParent = query.get('cgroupparent')
  return { ...(rlimits.length === 0 ? {} : { rlimits }), ...(cgroupParent ? { cgroupParent } : {}) }
}

const refuseUnsupported = (query: URLSearchParams): void => {
  const refuse = (what: string): never => {
    throw new SlipwayError('unsupported', `${what} is not supported`)
  }
  const isolation = query.get('isolation') ?? ''
  if (!['', 'default'].includes(isolation.toLowerCase())) {
    throw invalid(`unsupported isolation: ${JSON.stringify(isolation.slice(0, 80))}`)
  }
  const options = jsonOf(query, 'securityopt')
  if (Array.isArray(options) && options.length > 0) throw invalid('security options are not supported on linux')
  if (query.get('version') === '2') refuse('building with BuildKit (set DOCKER_BUILDKIT=0)')
  if (isOn(query, 'squash')) refuse('--squash')
  if (query.get('outputs')) refuse('--output')
}

/** Throws invalid for what can't be read, unsupported for what isn't there yet. */
export const parseBuildQuery = (query: URLSearchParams): BuildQuery => {
  refuseUnsupported(query)
  const target = query.get('target')
  const platform = query.get('platform')
  const shmSize = numberOf(query, 'shmsize')
  const remote = query.get('remote')
  const labels = Object.entries(mapOf(query, 'labels')).map(([name, value]) => [name, value ?? ''] as const)
  return {
    dockerfile: query.get('dockerfile') || 'Dockerfile',
    tags: [...new Set(query.getAll('t').filter(Boolean).map(parseTag))],
    buildArgs: mapOf(query, 'buildargs'),
    labels: Object.fromEntries(labels),
    noCache: isOn(query, 'nocache'),
    pull: isOn(query, 'pull'),
    quiet: isOn(query, 'q'),
    remove: isOn(query, 'rm') || !query.has('rm'),
    forceRemove: isOn(query, 'forcerm'),
    networkMode: networkOf(query),
    extraHosts: query.getAll('extrahosts').filter(Boolean),
    resources: resourcesOf(query),
    limits: limitsOf(query),
    ...(remote ? { remote } : {}),
    ...(isOn(query, 'keepfailed') ? { keepFailed: true } : {}),
    ...(isOn(query, 'explain') ? { explain: true } : {}),
    ...(target ? { target } : {}),
    ...(platform ? { platform: parsePlatform(platform) } : {}),
    ...(shmSize === undefined ? {} : { shmSize }),
  }
}
