import type { HealthConfig } from '@slipway/client'
import { type Healthcheck, invalid } from '@slipway/core'

/** A health check as it is run. Times in milliseconds. */
export interface HealthSettings {
  readonly command: readonly string[]
  readonly interval: number
  readonly timeout: number
  readonly startPeriod: number
  readonly startInterval: number
  readonly retries: number
}

const nanosecondsPerMillisecond = 1e6
/** docker's smallest but for 0, which means the default. */
const smallestTime = 1e6

const defaults = { interval: 30_000, timeout: 30_000, startPeriod: 0, startInterval: 5_000, retries: 3 } as const
const defaultShell = ['/bin/sh', '-c'] as const

const milliseconds = (nanoseconds: number | undefined, otherwise: number): number =>
  nanoseconds ? nanoseconds / nanosecondsPerMillisecond : otherwise

const commandOf = (
  [kind, ...rest]: readonly string[],
  shell: readonly string[] | undefined,
): readonly string[] | undefined => {
  if (kind === 'CMD') return rest
  if (kind === 'CMD-SHELL') return [...(shell?.length ? shell : defaultShell), ...rest]
  return undefined
}

/** undefined when there is nothing to check: no health check, or `NONE`. */
export const healthSettings = (
  config: HealthConfig | Healthcheck | undefined | null,
  shell: readonly string[] | undefined,
): HealthSettings | undefined => {
  const command = commandOf(config?.Test ?? [], shell)
  if (!config || command === undefined) return undefined
  return {
    command,
    interval: milliseconds(config.Interval, defaults.interval),
    timeout: milliseconds(config.Timeout, defaults.timeout),
    startPeriod: milliseconds(config.StartPeriod, defaults.startPeriod),
    startInterval: milliseconds(config.StartInterval, defaults.startInterval),
    retries: config.Retries || defaults.retries,
  }
}

/** Throws invalid in docker's words. */
export const checkHealthConfig = (config: HealthConfig | undefined | null): void => {
  if (!config) return
  const times = ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const
  for (const name of times) {
    const value = config[name] ?? 0
    if (value !== 0 && value < smallestTime) throw invalid(`${name} in Healthcheck cannot be less than 1ms`)
  }
  if ((config.Retries ?? 0) < 0) throw invalid('Retries in Healthcheck cannot be negative')
}
