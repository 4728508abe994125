import { invalid } from '@slipway/core'

/** Functions of Go's strconv: dockerd's refusals carry their names. */
type Parser = 'Atoi' | 'ParseInt' | 'ParseUint'

/** What Go says of a text that is no number of the kind. */
const complaint = (text: string): string => (/^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax')

/** A whole number. Throws invalid, in the words of the Go function that dockerd reads it with. */
export const integer = (parser: Parser, text: string, limits: { readonly largest?: number } = {}): number => {
  const { largest = 2 ** 63 } = limits
  const isNumber = parser === 'ParseUint' ? /^\d+$/ : /^[+-]?\d+$/
  const number = isNumber.test(text) ? Number(text) : Number.NaN
  if (Math.abs(number) <= largest) return number
  const shown = JSON.stringify(text.slice(0, 80))
  throw invalid(
    `strconv.${parser}: parsing ${shown}: ${Number.isNaN(number) ? 'invalid syntax' : 'value out of range'}`,
  )
}

/** A number of the query; undefined where there is none. Throws invalid in dockerd's words. */
export const queryInteger = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name)
  return text === null || text === '' ? undefined : integer('Atoi', text)
}

/** One side of a terminal. Throws invalid in dockerd's words. */
export const terminalSide = (name: 'height' | 'width', text: string): number => {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (number < 2 ** 32) return number
  throw invalid(`invalid resize ${name} ${JSON.stringify(text.slice(0, 80))}: ${complaint(text)}`)
}

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 60e3, h: 3600e3 }
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g

/** Go's durations in milliseconds: `300ms`, `1.5h`, `2h45m`; undefined when it is none. */
export const parseGoDuration = (text: string): number | undefined => {
  const parts = [...text.matchAll(part)]
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) return undefined
  return parts.reduce((sum, [, count, unit = '']) => sum + Number(count) * (units[unit] ?? 0), 0)
}
