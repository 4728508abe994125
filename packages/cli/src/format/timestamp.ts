import { Exit } from '../exit.ts'
import { parseDuration } from '../flags/quantity.ts'

const isUnix = /^\d+(\.\d+)?$/
const isDuration = /^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/
/** Some of its parts may be left out from the right: `2013-01-02T13:23`, `2013-01-02`. */
const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}(:\d{2}(:\d{2}(\.\d+)?)?)?)?(Z|[+-]\d{2}:\d{2})?$/

const parseDate = (text: string): number => {
  const filled = text.replace(/T(\d{2})(?=Z|[+-]|$)/, 'T$1:00')
  // A date alone is UTC to JavaScript, and local time to docker.
  return Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(filled) ? `${filled}T00:00:00` : filled)
}

/** What `--since` and `--until` take, as Unix seconds with a fraction: durations are counted back from now. */
export const toTimestamp = (text: string | undefined, now = Date.now()): string | undefined => {
  if (text === undefined || isUnix.test(text)) return text
  if (isDuration.test(text)) return ((now - parseDuration(text) / 1e6) / 1000).toFixed(9)
  const date = isDate.test(text) ? parseDate(text) : Number.NaN
  if (Number.isNaN(date)) throw new Exit(1, `failed to parse value as time or duration: "${text}"`)
  return (date / 1000).toFixed(9)
}
