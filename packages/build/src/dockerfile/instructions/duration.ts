import { invalid } from '@slipway/core'

const units: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }
const term = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)/g

/** Go's `1m30s`, in nanoseconds. Throws invalid in Go's words. */
export const parseDuration = (text: string): number => {
  if (text === '0') return 0
  const terms = [...text.matchAll(term)]
  if (terms.length === 0 || terms.map(([whole]) => whole).join('') !== text) {
    const what = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? 'missing unit in duration' : 'invalid duration'
    throw invalid(`time: ${what} ${JSON.stringify(text)}`)
  }
  return Math.round(terms.reduce((sum, [, number, unit]) => sum + Number(number) * (units[unit ?? ''] ?? 0), 0))
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
