import type { LogConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import { neverRun } from '../records.ts'
import { attributesOf, type LogOptions, tagOf } from './attributes.ts'
import type { LogLimits } from './file-sink.ts'
import { checkSyslogOptions } from './syslog.ts'

/** Of every driver: how it is fed. */
const deliveryOptions: readonly string[] = ['mode', 'max-buffer-size']
const detailOptions: readonly string[] = ['env', 'env-regex', 'labels', 'labels-regex', 'tag']
const fileOptions: readonly string[] = ['max-size', 'max-file', 'compress']
/** Of those that send lines elsewhere: how they are kept here. */
const cacheOptions: readonly string[] = ['cache-disabled', 'cache-max-size', 'cache-max-file', 'cache-compress']
const syslogOptions: readonly string[] = [
  'syslog-address',
  'syslog-facility',
  'syslog-format',
  'syslog-tls-ca-cert',
  'syslog-tls-cert',
  'syslog-tls-key',
  'syslog-tls-skip-verify',
]

/** The log drivers there are, and what each understands. */
const drivers: Readonly<Record<string, readonly string[]>> = {
  journald: [...detailOptions, ...cacheOptions],
  'json-file': [...fileOptions, ...detailOptions],
  local: fileOptions,
  none: [],
  syslog: [...detailOptions, ...cacheOptions, ...syslogOptions],
}

/** Of one file, how many, and whether those that are full are compressed: bounded by default, unlike docker's json-file. */
const jsonFileLimits: LogLimits = { maxSize: 10_000_000, maxFiles: 3, compress: false }
/** docker's own. */
const localLimits: LogLimits = { maxSize: 20 * 1024 ** 2, maxFiles: 5, compress: true }
const defaultBufferSize = 1024 ** 2

export const logDriverNames = Object.keys(drivers)
export const defaultLogDriver = 'json-file'

const powers: Readonly<Record<string, number>> = { '': 0, b: 0, k: 1, m: 2, g: 3, t: 4 }

/**
 * `10m`, `1.5 GB`: bytes as docker's go-units reads them; undefined when it is none. Files are measured in thousands
 * (FromHumanSize), memory in powers of 1024 (RAMInBytes).
 */
const parseSize = (text: string, kilo: 1000 | 1024): number | undefined => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([bkmgt]?)(?:i?b)?$/i.exec(text) ?? []
  return number === undefined ? undefined : Math.floor(Number(number) * kilo ** (powers[unit.toLowerCase()] ?? 0))
}

/** In the words of docker's go-units: what follows the number is told from what has none. */
const sizeProblem = (text: string): string => {
  const [, suffix] = /^\d+(?:\.\d+)? ?(\D+)$/.exec(text) ?? []
  return suffix === undefined ? `invalid size: '${text.slice(0, 80)}'` : `invalid suffix: '${suffix.slice(0, 80)}'`
}

const notInitialized = (words: string): never => {
  throw invalid(`failed to create task for container: failed to initialize logging driver: ${words}`)
}

const parseMaxSize = (text: string): number => {
  const size = parseSize(text, 1000)
  if (size === undefined) return notInitialized(sizeProblem(text))
  return size === 0 ? notInitialized('max-size must be a positive number') : size
}

const parseMaxFiles = (text: string): number => {
  if (!/^-?\d{1,9}$/.test(text)) {
    return notInitialized(`strconv.Atoi: parsing ${JSON.stringify(text.slice(0, 80))}: invalid syntax`)
  }
  return Number(text) < 1 ? notInitialized('max-file cannot be less than 1') : Number(text)
}

const parseCompress = (text: string): boolean => {
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  return notInitialized(`strconv.ParseBool: parsing ${JSON.stringify(text.slice(0, 80))}: invalid syntax`)
}

const checkDelivery = (options: Readonly<Record<string, string>>): void => {
  const mode = options['mode'] ?? ''
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw invalid(`logger: logging mode not supported: ${mode.slice(0, 80)}`)
  }
  const size = options['max-buffer-size']
  if (size === undefined) return
  if (mode !== 'non-blocking') {
    throw invalid("logger: max-buffer-size option is only supported with 'mode=non-blocking'")
  }
  if (parseSize(size, 1024) === undefined)
    throw invalid(`error parsing option max-buffer-size: invalid size: '${size.slice(0, 80)}'`)
}

/** `--log-opt max-size`, `max-file`, `compress`: docker's words, bounded where they say nothing. Throws invalid. */
export const logLimitsOf = (driver: string, options: LogOptions): LogLimits => {
  const isFile = driver === defaultLogDriver || driver === 'local'
  const text = (name: string): string | undefined => options[isFile ? name : `cache-${name}`]
  const defaults = driver === defaultLogDriver ? jsonFileLimits : localLimits
  const [size, files, compress] = [text('max-size'), text('max-file'), text('compress')]
  const limits = {
    maxSize: size === undefined ? defaults.maxSize : parseMaxSize(size),
    maxFiles: files === undefined ? defaults.maxFiles : parseMaxFiles(files),
    compress: compress === undefined ? defaults.compress : parseCompress(compress),
  }
  if (compress !== undefined && limits.compress && limits.maxFiles < 2) {
    notInitialized('compress cannot be true when max-file is less than 2 or max-size is not set')
  }
  return limits
}

/** How much may wait for a collector that is slow or away. */
export const bufferSizeOf = (options: LogOptions): number =>
  parseSize(options['max-buffer-size'] ?? '', 1024) ?? defaultBufferSize

/** A tag's template and patterns are judged without a container: its fields are filled in when it starts. */
const checkDetails = (options: LogOptions): void => {
  const nobody = {
    id: '',
    name: '',
    imageId: 'sha256:',
    createdAt: '',
    definition: { image: '', config: {}, hostConfig: {}, endpoints: {} },
    state: neverRun,
  } as const
  attributesOf(nobody, options)
  if (options['tag'] !== undefined) tagOf(options['tag'], nobody)
}

/** Throws invalid, in docker's words, for a driver that isn't there and for what it doesn't understand. */
export const checkLogConfig = (config: LogConfig | undefined): void => {
  const driver = config?.Type || defaultLogDriver
  const options = config?.Config ?? {}
  const known = Object.hasOwn(drivers, driver) ? drivers[driver] : undefined
  if (known === undefined) {
    const name = driver.slice(0, 80)
    throw invalid(`error looking up logging plugin ${name}: plugin ${JSON.stringify(name)} not found`)
  }
  checkDelivery(options)
  for (const name of Object.keys(options)) {
    if (driver === 'none' || known.includes(name) || deliveryOptions.includes(name)) continue
    const whose = driver === 'local' ? `log driver ${driver}` : `${driver} log driver`
    throw invalid(`unknown log opt '${name.slice(0, 80)}' for ${whose}`)
  }
  if (driver === 'none') return
  logLimitsOf(driver, options)
  checkDetails(options)
  if (driver === 'syslog') checkSyslogOptions(options)
}
