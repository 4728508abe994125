import type { Ulimit } from '@slipway/client'
import { Exit } from '../exit.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface OptionFlags {
  readonly 'add-host': readonly string[]
  readonly 'build-arg': readonly string[]
  readonly 'cache-from': readonly string[]
  readonly 'cgroup-parent': string | undefined
  readonly label: readonly string[]
  readonly network: string | undefined
  readonly 'no-cache': boolean
  readonly 'no-cache-filter': readonly string[]
  readonly platform: readonly string[]
  readonly pull: boolean
  readonly 'shm-size': number | undefined
  readonly target: string | undefined
  readonly ulimit: readonly Ulimit[]
}

const refuse = (why: string): never => {
  throw new Exit(1, `ERROR: failed to build: ${why}`)
}

/** `NAME=value`; `NAME` alone takes the value it has here, and is nothing where it has none. */
const argumentsOf = (entries: readonly string[], env: Environment): readonly (readonly [string, string])[] =>
  entries.flatMap((entry) => {
    const equals = entry.indexOf('=')
    if (equals !== -1) return [[entry.slice(0, equals), entry.slice(equals + 1)] as const]
    const value = env[entry]
    return value === undefined ? [] : [[entry, value] as const]
  })

/** `host:address` and `host=address` become the latter. An IPv6 address may stand in brackets. */
const hostEntry = (text: string): string => {
  const [, host = '', address = ''] = /^([^:=]+)[:=](.+)$/s.exec(text) ?? []
  if (host === '') return refuse(`invalid host ${text}`)
  return `${host}=${address.replace(/^\[(.*)\]$/, '$1')}`
}

/** As many lists of one flag as there are, and commas within. */
const listOf = (entries: readonly string[]): string =>
  entries
    .flatMap((entry) => entry.split(','))
    .filter(Boolean)
    .join(',')

const networkModes: Readonly<Record<string, string | undefined>> = { default: undefined, host: 'host', none: 'none' }

const networkOf = (mode: string | undefined): string | undefined => {
  if (mode === undefined || mode === '') return undefined
  if (!Object.hasOwn(networkModes, mode)) {
    refuse(
      `network mode ${JSON.stringify(mode)} not supported by buildkit - you can define a custom network for your builder using the network driver-opt in buildx create`,
    )
  }
  return networkModes[mode]
}

const cacheImports = (entries: readonly string[]): string | undefined => {
  if (entries.length === 0) return undefined
  const refs = entries.map((entry) => {
    const pairs = entry.includes('type=')
      ? entry.split(',').map((field) => field.split(/=(.*)/s, 2))
      : [
          ['type', 'registry'],
          ['ref', entry],
        ]
    const { type = '', ...attrs } = Object.fromEntries(pairs) as Record<string, string>
    return { Type: type, Attrs: attrs }
  })
  return JSON.stringify(refs)
}

/**
 * What the flags are for the Dockerfile frontend, in the names that BuildKit has for them. Proxies are arguments, too, as
 * buildx gives them: in capitals alone, unless they are given as such. Throws Exit.
 */
export const frontendOptions = (
  flags: OptionFlags,
  env: Environment,
  proxies: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, string> => {
  const epoch = env['SOURCE_DATE_EPOCH']
  const args = new Map([
    ...proxies,
    ...(epoch === undefined ? [] : [['SOURCE_DATE_EPOCH', epoch] as const]),
    ...argumentsOf(flags['build-arg'], env),
  ])
  const labels = flags.label.map((entry) => entry.split(/=(.*)/s, 2))
  const filter = listOf(flags['no-cache-filter'])
  const named: Readonly<Record<string, string | undefined>> = {
    'image-resolve-mode': flags.pull ? 'pull' : 'local',
    target: flags.target || undefined,
    platform: listOf(flags.platform) || undefined,
    'no-cache': flags['no-cache'] ? '' : filter || undefined,
    'add-hosts': flags['add-host'].map(hostEntry).join(',') || undefined,
    'shm-size': flags['shm-size'] === undefined ? undefined : String(flags['shm-size']),
    ulimit: flags.ulimit.map(({ Name, Soft, Hard }) => `${Name}=${Soft}:${Hard}`).join(',') || undefined,
    'force-network-mode': networkOf(flags.network),
    'cgroup-parent': flags['cgroup-parent'] || undefined,
    'cache-imports': cacheImports(flags['cache-from']),
  }
  return new Map([
    ...Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
    ...[...args].map(([name, value]) => [`build-arg:${name}`, value] as const),
    ...labels.map(([name = '', value = '']) => [`label:${name}`, value] as const),
  ])
}

const entitlements = ['network.host', 'security.insecure']

/** What steps are allowed to ask for: `--allow`, and the host's network where all of them have it. Throws Exit. */
export const entitlementsOf = (allow: readonly string[], network: string | undefined): readonly string[] => {
  for (const name of allow) {
    if (!entitlements.includes(name) && !/^device(=|$)/.test(name)) refuse(`unknown entitlement ${name}`)
  }
  return [...new Set([...allow, ...(network === 'host' ? ['network.host'] : [])])]
}
