import { type BuildRequest, parsePlatform, type StepLimits, type StepNetwork } from '@slipway/build'
import { invalid, SlipwayError } from '@slipway/core'

/** Options of the Dockerfile frontend, as clients send them: `build-arg:A`, `target`, … */
export type FrontendOptions = ReadonlyMap<string, string>

const withPrefix = (options: FrontendOptions, prefix: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...options].flatMap(([name, value]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [])),
  )

const networks: Readonly<Record<string, StepNetwork>> = {
  '': 'default',
  default: 'default',
  sandbox: 'default',
  bridge: 'default',
  host: 'host',
  none: 'none',
}

const networkOf = (options: FrontendOptions): StepNetwork => {
  const mode = options.get('force-network-mode') ?? ''
  const network = Object.hasOwn(networks, mode) ? networks[mode] : undefined
  if (network === undefined) {
    throw new SlipwayError(
      'invalid',
      `network mode "${mode}" not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
    )
  }
  return network
}

const listOf = (options: FrontendOptions, name: string): readonly string[] =>
  (options.get(name) ?? '').split(',').filter(Boolean)

/** `name=address` becomes `name:address`. */
const extraHostsOf = (options: FrontendOptions): readonly string[] =>
  listOf(options, 'add-hosts').map((entry) => entry.replace('=', ':'))

const shmSizeOf = (options: FrontendOptions): number | undefined => {
  const text = options.get('shm-size') ?? ''
  if (text === '' || text === '0') return undefined
  const size = Number(text)
  if (!Number.isSafeInteger(size) || size < 0) throw invalid(`failed to parse shm-size: ${text.slice(0, 80)}`)
  return size
}

/** `nofile=1024:2048`. */
const parseUlimit = (text: string) => {
  const [, name = '', soft = '', hard = soft] = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? []
  if (name === '') throw invalid(`invalid ulimit argument: ${text.slice(0, 80)}`)
  return { name, soft: Number(soft), hard: Number(hard) }
}

const limitsOf = (options: FrontendOptions): StepLimits => {
  const rlimits = listOf(options, 'ulimit').map(parseUlimit)
  const cgroupParent = options.get('cgroup-parent')
  return { ...(rlimits.length === 0 ? {} : { rlimits }), ...(cgroupParent ? { cgroupParent } : {}) }
}

/** `BUILDKIT_MULTI_PLATFORM` wins over the option. Throws invalid. */
const isMultiPlatform = (options: FrontendOptions): boolean => {
  const text = options.get('build-arg:BUILDKIT_MULTI_PLATFORM') || options.get('multi-platform') || 'false'
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false
  throw invalid(`invalid boolean value for multi-platform: ${text}`)
}

/** What isn't there is told, not passed over. */
const refuseUnsupported = (options: FrontendOptions): void => {
  const refuse = (what: string): never => {
    throw new SlipwayError('unsupported', `${what} is not supported`)
  }
  if (listOf(options, 'platform').length > 1) refuse('building for several platforms at once')
  // What clients add on their own account says "inline-only"; that may be left out.
  const provenance = options.get('attest:provenance') ?? ''
  if (provenance !== '' && !/inline-only=true|disabled=true/.test(provenance)) refuse('a provenance attestation')
  if (isMultiPlatform(options)) refuse('a multi-platform result')
  if (options.has('attest:sbom') && options.get('attest:sbom') !== 'disabled=true') refuse('an SBOM attestation')
}

export type DockerfileOptions = Pick<
  BuildRequest,
  | 'buildArgs'
  | 'labels'
  | 'noCache'
  | 'noCacheStages'
  | 'pull'
  | 'networkMode'
  | 'extraHosts'
  | 'resources'
  | 'limits'
  | 'target'
  | 'platform'
  | 'shmSize'
  | 'keepFailed'
>

/** Throws invalid for what can't be read, unsupported for what isn't there. */
export const readOptions = (options: FrontendOptions): DockerfileOptions => {
  refuseUnsupported(options)
  const target = options.get('target')
  const [platform] = listOf(options, 'platform')
  const shmSize = shmSizeOf(options)
  return {
    buildArgs: withPrefix(options, 'build-arg:'),
    labels: withPrefix(options, 'label:'),
    noCache: options.get('no-cache') === '',
    noCacheStages: listOf(options, 'no-cache'),
    pull: options.get('image-resolve-mode') === 'pull',
    networkMode: networkOf(options),
    extraHosts: extraHostsOf(options),
    resources: {},
    limits: limitsOf(options),
    ...(target ? { target } : {}),
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
    ...(shmSize === undefined ? {} : { shmSize }),
    // Our own client's (`--shell-on-error`).
    ...(options.get('slipway:keep-failed') === 'true' ? { keepFailed: true } : {}),
  }
}
