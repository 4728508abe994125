import { invalid } from '@slipway/core'
import { quoteText } from '../quote.ts'

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
}
const term = /^(\d+(?:\.\d*)?|\.\d+)([^\d.]*)/

/** Go's `1m30s` and `-5s`, in nanoseconds. Throws invalid in Go's words. */
export const parseDuration = (text: string): number => {
  const fail = (what: string) => invalid(`time: ${what} ${quoteText(text)}`)
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  if (rest === '') throw fail('invalid duration')
  let sum = 0
  while (rest !== '') {
    const [whole = '', number, unit = ''] = term.exec(rest) ?? []
    if (number === undefined) throw fail('invalid duration')
    if (unit === '') throw fail('missing unit in duration')
    const size = Object.hasOwn(units, unit) ? units[unit] : undefined
    if (size === undefined) throw fail(`unknown unit ${quoteText(unit)} in duration`)
    sum += Number(number) * size
    rest = rest.slice(whole.length)
  }
  const nanoseconds = sign * Math.round(sum)
  if (!Number.isSafeInteger(nanoseconds)) throw fail('invalid duration')
  return nanoseconds
}

/** The way back: `1m30s`. */
export const formatDuration = (nanoseconds: number): string => {
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1e9) return nanoseconds >= 1e6 ? `${nanoseconds / 1e6}ms` : `${nanoseconds / 1e3}µs`
  const seconds = nanoseconds / 1e9
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  const rest = `${seconds % 60}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
