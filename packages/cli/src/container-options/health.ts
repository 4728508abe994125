import type { HealthConfig } from '@slipway/client'
import { Exit } from '../exit.ts'
import type { Values } from '../flags/flag.ts'
import type { createFlags } from './create-flags.ts'

const timings = [
  ['health-interval', 'Interval'],
  ['health-timeout', 'Timeout'],
  ['health-start-period', 'StartPeriod'],
  ['health-start-interval', 'StartInterval'],
  ['health-retries', 'Retries'],
] as const

/** undefined when nothing was said: the image's own check counts. Throws Exit. */
export const healthOf = (flags: Values<typeof createFlags>): HealthConfig | undefined => {
  const given = timings.flatMap(([name, field]) => (flags[name] === undefined ? [] : [[field, flags[name]] as const]))
  const command = flags['health-cmd']
  const wanted = given.length > 0 || command !== undefined
  if (flags['no-healthcheck']) {
    if (wanted) throw new Exit(125, '--no-healthcheck conflicts with --health-* options')
    return { Test: ['NONE'] }
  }
  if (!wanted) return undefined
  const negative = timings.find(([name]) => (flags[name] ?? 0) < 0)
  if (negative !== undefined) throw new Exit(125, `--${negative[0]} cannot be negative`)
  return { ...(command === undefined ? {} : { Test: ['CMD-SHELL', command] }), ...Object.fromEntries(given) }
}
