import type { LogConfig } from '@slipway/client'
import { invalid } from '@slipway/core'
import { defaultLogLimits, type LogLimits } from './json-file.ts'

/** Of every driver: how it is fed. */
const deliveryOptions: readonly string[] = ['mode', 'max-buffer-size']
const detailOptions: readonly string[] = ['env', 'env-regex', 'labels', 'labels-regex', 'tag']
const fileOptions: readonly string[] = ['max-size', 'max-file', 'compress']

/** The log drivers there are, and what each understands. */
const drivers: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...fileOptions, ...detailOptions],
  local: fileOptions,
  none: [],
}

export const logDriverNames = Object.keys(drivers)
export const defaultLogDriver = 'json-file'

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `10m`, `1.5 GB`: bytes as docker's go-units reads them; undefined when it is none. */
const parseSize = (text: string): number | undefined => {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([bkmgt]?)(?:i?b)?$/i.exec(text) ?? []
  return number === undefined ? undefined : Math.floor(Number(number) * (units[unit.toLowerCase()] ?? 1))
}

const parseMaxSize = (text: string | undefined): number => {
  if (text === undefined) return defaultLogLimits.maxSize
  // docker's word for "no limit".
  if (text === '-1') return Number.POSITIVE_INFINITY
  const size = parseSize(text)
  if (size === undefined)
    throw invalid(
      `failed to create task for container: failed to initialize logging driver: invalid size: '${text.slice(0, 80)}'`,
    )
  if (size === 0)
    throw invalid(
      'failed to create task for container: failed to initialize logging driver: max-size must be a positive number',
    )
  return size
}

const parseMaxFiles = (text: string | undefined): number => {
  if (text === undefined) return defaultLogLimits.maxFiles
  const problem = (words: string): never => {
    throw invalid(`failed to create task for container: failed to initialize logging driver: ${words}`)
  }
  if (!/^-?\d{1,9}$/.test(text)) problem(`strconv.Atoi: parsing ${JSON.stringify(text.slice(0, 80))}: invalid syntax`)
  return Number(text) < 1 ? problem('max-file cannot be less than 1') : Number(text)
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
  if (parseSize(size) === undefined)
    throw invalid(`logger: error parsing option max-buffer-size: invalid size: '${size.slice(0, 80)}'`)
}

const checkCompress = (options: Readonly<Record<string, string>>, { maxFiles }: LogLimits): void => {
  const text = options['compress']
  if (text === undefined) return
  const problem = (words: string): never => {
    throw invalid(`failed to create task for container: failed to initialize logging driver: ${words}`)
  }
  if (!/^(1|t|true|0|f|false)$/i.test(text))
    problem(`strconv.ParseBool: parsing ${JSON.stringify(text.slice(0, 80))}: invalid syntax`)
  if (/^[1t]/i.test(text) && maxFiles < 2) {
    problem('compress cannot be true when max-file is less than 2 or max-size is not set')
  }
}

/** `--log-opt max-size`, `max-file`: docker's words, bounded where they say nothing. Throws invalid. */
export const logLimitsOf = (options: Readonly<Record<string, string>>): LogLimits => ({
  maxSize: parseMaxSize(options['max-size']),
  maxFiles: parseMaxFiles(options['max-file']),
})

/** Throws invalid, in docker's words, for a driver that isn't there and for what it doesn't understand. */
export const checkLogConfig = (config: LogConfig | undefined): void => {
  const driver = config?.Type || defaultLogDriver
  const options = config?.Config ?? {}
  const known = drivers[driver]
  if (known === undefined) {
    const name = driver.slice(0, 80)
    throw invalid(`error looking up logging plugin ${name}: plugin ${JSON.stringify(name)} not found`)
  }
  checkDelivery(options)
  for (const name of Object.keys(options)) {
    if (driver === 'none' || known.includes(name) || deliveryOptions.includes(name)) continue
    throw invalid(`unknown log opt '${name.slice(0, 80)}' for ${driver} log driver`)
  }
  if (driver === 'none') return
  checkCompress(options, logLimitsOf(options))
}
