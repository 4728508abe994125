import { type Healthcheck, invalid } from '@slipway/core'
import { noticeGiven } from '../check/notices.ts'
import type { Flags } from '../flags.ts'
import { instruction } from '../instruction.ts'
import { parseJsonForm } from '../json-form.ts'
import type { Line } from '../parser.ts'
import { quoteCode, quoteList, quoteText } from '../quote.ts'
import { splitCheck } from '../split.ts'
import { withConfig } from '../stage.ts'
import { formatDuration, parseDuration } from './duration.ts'

const shortest = 1_000_000

const readInterval = (given: Flags, name: string): number => {
  const text = given.text(name)
  if (!text) return 0
  const nanoseconds = parseDuration(text)
  if (nanoseconds !== 0 && nanoseconds < shortest) {
    throw invalid(`Interval ${JSON.stringify(name)} cannot be less than 1ms`)
  }
  return nanoseconds
}

const mostRetries = 2 ** 31 - 1

const readRetries = (given: Flags): number => {
  const text = given.text('retries')
  if (!text) return 0
  const fail = (why: string) => invalid(`strconv.ParseInt: parsing ${quoteText(text)}: ${why}`)
  if (!/^[+-]?\d+$/.test(text)) throw fail('invalid syntax')
  const retries = Number(text)
  if (Math.abs(retries) > mostRetries) throw fail('value out of range')
  if (retries < 0) throw invalid(`--retries cannot be negative (${retries})`)
  return retries
}

const readTest = (type: string, text: string): readonly string[] => {
  if (type !== 'CMD') throw invalid(`Unknown type ${quoteText(type)} in HEALTHCHECK (try CMD)`)
  const words = parseJsonForm(text)
  if (text === '' || words?.length === 0) throw invalid('Missing command after HEALTHCHECK CMD')
  return words === undefined ? ['CMD-SHELL', text] : ['CMD', ...words]
}

const omitZero = (entries: Record<string, number>): Record<string, number> =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== 0))

/** Go's %q of a docker HealthcheckConfig. */
const describe = (check: Healthcheck): string => {
  const times = [check.Interval, check.Timeout, check.StartPeriod, check.StartInterval]
    .map((time) => JSON.stringify(formatDuration(time ?? 0)))
    .join(' ')
  return `&{${quoteList(check.Test ?? [])} ${times} ${quoteCode(check.Retries ?? 0)}}`
}

export const healthcheck = instruction({
  name: 'HEALTHCHECK',
  // NONE doesn't look at them.
  ignoresFlags: true,
  flags: {
    interval: 'string',
    timeout: 'string',
    'start-period': 'string',
    'start-interval': 'string',
    retries: 'string',
  },
  parse(line): { readonly line: Line; readonly check: Healthcheck } {
    const { typed, rest } = splitCheck(line.text)
    const type = typed.toUpperCase()
    if (type === '') throw invalid('HEALTHCHECK requires at least one argument')
    if (type === 'NONE') {
      if (rest !== '') throw invalid('HEALTHCHECK NONE takes no arguments')
      return { line, check: { Test: ['NONE'] } satisfies Healthcheck }
    }
    const { given } = line
    const test = readTest(type, rest)
    const times = omitZero({
      Interval: readInterval(given, 'interval'),
      Timeout: readInterval(given, 'timeout'),
      StartPeriod: readInterval(given, 'start-period'),
      StartInterval: readInterval(given, 'start-interval'),
      Retries: readRetries(given),
    })
    return { line, check: { Test: test, ...times } satisfies Healthcheck }
  },
  apply: ({ line, check }, stage) => ({
    stage: withConfig(noticeGiven(stage, line), { Healthcheck: check }),
    createdBy: `HEALTHCHECK ${describe(check)}`,
  }),
})
