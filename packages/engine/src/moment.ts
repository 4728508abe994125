import { invalid } from '@slipway/core'
import { integer, parseGoDuration } from './numbers.ts'

const isoTime = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/

/**
 * Milliseconds since the epoch of `10m` or `1h30m` (that long ago), a time in RFC 3339, or Unix seconds with or without a
 * fraction; undefined when it is none of these.
 */
export const momentOf = (text: string): number | undefined => {
  const ago = parseGoDuration(text)
  if (ago !== undefined) return Date.now() - ago
  if (/^-?\d+(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000
  // Date.parse() alone takes much that is no time, like 1.2.3.
  const time = isoTime.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** `since` and `until` of a query. Throws invalid in docker's words, which come from reading it as a number. */
export const askedMoment = (text: string | null): number | undefined =>
  text === null || text === '' ? undefined : (momentOf(text) ?? integer('ParseInt', text))

/** The filter `until` of pruning and lists. Throws invalid in docker's words. */
export const untilFilter = (values: readonly string[] = []): number | undefined => {
  const [text] = values
  if (text === undefined) return undefined
  if (values.length > 1) throw invalid('more than one until filter specified')
  const time = momentOf(text)
  if (time === undefined) {
    throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text.slice(0, 80))}`)
  }
  return time
}
