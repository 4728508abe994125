import { type Healthcheck, invalid } from '@slipway/core'
import type { Flags } from '../flags.ts'
import { instruction, quoteList } from '../instruction.ts'
import { parseJsonForm } from '../json-form.ts'
import { withConfig } from '../stage.ts'
import { formatDuration, parseDuration } from './duration.ts'

const shortest = 1_000_000

const readInterval = (given: Flags, name: string): number => {
  const text = given.text(name)
  if (text === undefined) return 0
  const nanoseconds = parseDuration(text)
  if (nanoseconds !== 0 && nanoseconds < shortest) {
    throw invalid(`Interval ${JSON.stringify(name)} cannot be less than 1ms`)
  }
  return nanoseconds
}

const readRetries = (given: Flags): number => {
  const text = given.text('retries') ?? '0'
  if (!/^\d{1,9}$/.test(text)) throw invalid(`--retries must be at least 1 (not ${text})`)
  return Number(text)
}

const readTest = (type: string, text: string): readonly string[] => {
  if (type !== 'CMD') throw invalid(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`)
  if (text === '') throw invalid('Missing command after HEALTHCHECK CMD')
  const words = parseJsonForm(text)
  return words === undefined ? ['CMD-SHELL', text] : ['CMD', ...words]
}

const omitZero = (entries: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== 0))

/** Go's %q of a docker HealthcheckConfig. */
const describe = (check: Healthcheck): string => {
  const times = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval]
    .map((time) => JSON.stringify(formatDuration(time ?? 0)))
    .join(' ')
  const retries = `'\\x${(check.Retries ?? 0).toString(16).padStart(2, '0')}'`
  return `&{${quoteList(check.Test ?? [])} ${times} ${retries}}`
}

export const healthcheck = instruction({
  name: 'HEALTHCHECK',
  flags: {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  },
  parse(line) {
    const [, typed = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(line.text) ?? []
    const type = typed.toUpperCase()
    if (type === '') throw invalid('HEALTHCHECK requires at least one argument')
    if (type === 'NONE') {
      if (rest !== '') throw invalid('HEALTHCHECK NONE takes no arguments')
      return { Test: ['NONE'] } satisfies Healthcheck
    }
    const { given } = line
    const times = omitZero({
      Interval: readInterval(given, 'interval'),
      Timeout: readInterval(given, 'timeout'),
      StartPeriod: readInterval(given, 'start-period'),
      StartInterval: readInterval(given, 'start-interval'),
      Retries: readRetries(given),
    })
    return { Test: readTest(type, rest), ...times } satisfies Healthcheck
  },
  apply: (check: Healthcheck, stage) => ({
    stage: withConfig(stage, { Healthcheck: check }),
    createdBy: `HEALTHCHECK ${describe(check)}`,
  }),
})
