import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { hasErrno, invalid, messageOf } from '@slipway/core'
import { parseRegistryRules, type RegistryRules } from '@slipway/remote'
import { parseStorageDriver, type StorageDriver } from '@slipway/store'
import { type CgroupSettings, parseCgroups } from './cgroups.ts'
import { type EngineHost, parseHosts } from './hosts.ts'
import { parseRuntimes } from './runtimes.ts'
import { defaults, type Setting, settings } from './settings.ts'

export interface AddressPoolSetting {
  /** `10.10.0.0/16` */
  readonly base: string
  /** Prefix length of each network cut from it. */
  readonly size: number
}

export interface EngineConfig {
  readonly hosts: readonly EngineHost[]
  readonly dataRoot: string
  readonly execRoot: string
  readonly pidfile: string
  readonly group: string | undefined
  readonly registries: RegistryRules
  readonly bip: string | undefined
  /** Of the bridge's subnet: containers get addresses of it only. */
  readonly fixedCidr: string | undefined
  /** Whether the default bridge has IPv6. */
  readonly ipv6: boolean
  /** Its IPv6 subnet; undefined: one that the engine chooses. */
  readonly fixedCidrV6: string | undefined
  /** Of the default bridge. */
  readonly mtu: number
  /** The default bridge's link; undefined: there is no default bridge (`--bridge none`). */
  readonly bridge: string | undefined
  /** Of the host: where ports are published that name none; undefined: on all addresses. */
  readonly publishAddress: string | undefined
  readonly addressPools: readonly AddressPoolSetting[]
  /** undefined: what works best. */
  readonly defaultRuntime: string | undefined
  /** Paths of OCI runtimes by name, besides those in PATH. */
  readonly addedRuntimes: Readonly<Record<string, string>>
  readonly cgroups: CgroupSettings
  /** Default: the one that made the data root. */
  readonly storageDriver: StorageDriver | undefined
  readonly debug: boolean
}

type Values = Readonly<Record<string, unknown>>

const readFlags = (argv: readonly string[]): Values => {
  const options = Object.fromEntries(
    Object.values(settings).map((setting: Setting) => [
      setting.flag,
      {
        type: setting.kind === 'switch' ? ('boolean' as const) : ('string' as const),
        multiple: setting.kind === 'list',
        ...(setting.short ? { short: setting.short } : {}),
      },
    ]),
  )
  try {
    return parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    throw invalid(`${messageOf(error).split('. ')[0]}. See 'slipway engine --help'.`)
  }
}

const readConfigFile = async (path: string, mustExist: boolean): Promise<Values> => {
  const text = await readFile(path, 'utf8').catch((error) => {
    if (hasErrno(error, 'ENOENT') && !mustExist) return '{}'
    throw invalid(`unable to read the config file ${path}: ${messageOf(error)}`)
  })
  let values: unknown
  try {
    values = JSON.parse(text)
  } catch (error) {
    throw invalid(`the config file ${path} is not JSON: ${messageOf(error)}`)
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) {
    throw invalid(`the config file ${path} must hold a JSON object`)
  }
  const known = new Set(['registries', 'runtimes', ...Object.values(settings).map(({ key }) => key)])
  const unknown = Object.keys(values).filter((key) => !known.has(key))
  if (unknown.length > 0) {
    throw invalid(`the following directives in the config file ${path} are not known: ${unknown.join(', ')}`)
  }
  return values as Values
}

const fits: Readonly<Record<Setting['kind'], (value: unknown) => boolean>> = {
  list: Array.isArray,
  text: (value) => typeof value === 'string',
  switch: (value) => typeof value === 'boolean',
  number: (value) => Number.isInteger(typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
}

/** Flag, environment, file, in this order; throws invalid when the file holds another type than the setting has. */
const pick = (setting: Setting, flags: Values, file: Values, environment: NodeJS.ProcessEnv): unknown => {
  const fromEnvironment = setting.environment ? environment[setting.environment] : undefined
  const list = setting.kind === 'list'
  const value =
    flags[setting.flag] ?? (list && fromEnvironment ? [fromEnvironment] : fromEnvironment) ?? file[setting.key]
  if (value !== undefined && !fits[setting.kind](value))
    throw invalid(`the setting ${setting.key} has the wrong type: ${setting.kind} expected`)
  return value
}

const poolOf = (text: unknown): AddressPoolSetting => {
  const found = typeof text === 'string' ? Object.fromEntries(text.split(',').map((part) => part.split('='))) : text
  const { base, size } = (found ?? {}) as { base?: unknown; size?: unknown }
  if (typeof base !== 'string' || !(isCidr(base) || isCidr(base, 6)) || !Number.isInteger(Number(size))) {
    throw invalid(`invalid default-address-pool ${JSON.stringify(text)}: base=ADDRESS/PREFIX,size=PREFIX expected`)
  }
  return { base, size: Number(size) }
}

const isCidr = (text: string, version = 4): boolean => {
  const [address = '', prefix = '', ...rest] = text.split('/')
  const longest = version === 4 ? 32 : 128
  return isIP(address) === version && rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest
}

/** Throws invalid. */
const cidrOf = (setting: Setting, text: string | undefined, version: 4 | 6): string | undefined => {
  if (text === undefined || isCidr(text, version)) return text
  throw invalid(`invalid --${setting.flag} ${text.slice(0, 64)}: an IPv${version} address with its prefix expected`)
}

const shortestMtu = 68
const longestMtu = 65535

/** Throws invalid. */
const mtuOf = (value: unknown): number => {
  const mtu = Number(value ?? defaults.mtu)
  if (mtu >= shortestMtu && mtu <= longestMtu) return mtu
  throw invalid(`invalid --mtu ${mtu}: ${shortestMtu} to ${longestMtu} expected`)
}

/** In dockerd's words. */
const noBridge = 'none'

const bridgePattern = /^[a-zA-Z][a-zA-Z0-9_.-]{0,14}$/

/** Reads the engine's configuration from its flags, environment and file. Throws invalid with one clear sentence. */
export const loadConfig = async (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = process.env,
): Promise<EngineConfig> => {
  const flags = readFlags(argv)
  const configFile = flags[settings.configFile.flag] as string | undefined
  const file = await readConfigFile(configFile ?? defaults.configFile, configFile !== undefined)
  const text = (setting: Setting): string | undefined => pick(setting, flags, file, environment) as string | undefined
  const list = (setting: Setting): readonly unknown[] =>
    (pick(setting, flags, file, environment) as unknown[] | undefined) ?? []
  const isOn = (setting: Setting): boolean => pick(setting, flags, file, environment) === true

  const certificates = list(settings.registryCertificates)
  const hosts = list(settings.hosts).length > 0 ? list(settings.hosts) : [defaults.host]
  const execRoot = resolve(text(settings.execRoot) ?? defaults.execRoot)
  const publishAddress = text(settings.publishAddress)
  if (publishAddress !== undefined && isIP(publishAddress) === 0)
    throw invalid(`invalid --ip ${publishAddress}: an address expected`)
  const storageDriver = text(settings.storageDriver)
  const bridge = text(settings.bridge) ?? defaults.bridge
  if (!bridgePattern.test(bridge))
    throw invalid(`invalid --bridge ${JSON.stringify(bridge)}: at most 15 letters and digits`)
  const bip = cidrOf(settings.bip, text(settings.bip), 4)
  if (bridge === noBridge && bip !== undefined)
    throw invalid(`invalid --bip ${bip}: there is no bridge with --bridge ${noBridge}`)
  return {
    hosts: await parseHosts(hosts.map(String), {
      tls: isOn(settings.tls),
      verify: isOn(settings.tlsVerify),
      caCert: text(settings.tlsCaCert),
      cert: text(settings.tlsCert),
      key: text(settings.tlsKey),
      allowPlain: isOn(settings.allowPlainTcp),
    }),
    dataRoot: resolve(text(settings.dataRoot) ?? defaults.dataRoot),
    execRoot,
    pidfile: resolve(text(settings.pidfile) ?? join(execRoot, 'engine.pid')),
    group: text(settings.group),
    registries: parseRegistryRules(file['registries'], {
      mirrors: list(settings.registryMirrors).map(String),
      insecure: list(settings.insecureRegistries).map(String),
      certificates: (certificates.length > 0 ? certificates.map(String) : defaults.registryCertificates).map((path) =>
        resolve(path),
      ),
    }),
    bip,
    fixedCidr: cidrOf(settings.fixedCidr, text(settings.fixedCidr), 4),
    ipv6: isOn(settings.ipv6),
    fixedCidrV6: cidrOf(settings.fixedCidrV6, text(settings.fixedCidrV6), 6),
    mtu: mtuOf(pick(settings.mtu, flags, file, environment)),
    bridge: bridge === noBridge ? undefined : bridge,
    // As without it: all addresses, of both families.
    publishAddress: publishAddress === '0.0.0.0' ? undefined : publishAddress,
    addressPools: list(settings.addressPools).map(poolOf),
    defaultRuntime: text(settings.defaultRuntime),
    addedRuntimes: parseRuntimes(list(settings.addedRuntimes).map(String), file['runtimes']),
    cgroups: parseCgroups(list(settings.execOptions).map(String), text(settings.cgroupParent)),
    debug: isOn(settings.debug),
    storageDriver: storageDriver === undefined ? undefined : parseStorageDriver(storageDriver),
  }
}
