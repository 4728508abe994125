import { invalid } from '@slipway/core'
import { askedMoment } from '../../moment.ts'
import { type LogStream, timestamp } from './entry.ts'
import type { LogQuery } from './read.ts'

/** Go's idea of a true form value. */
export const flag = (query: URLSearchParams, name: string): boolean =>
  !['', '0', 'no', 'false', 'none', 'f'].includes((query.get(name) ?? '').trim().toLowerCase())

/** `10m`, RFC 3339 or seconds since the epoch, perhaps with a fraction, as text that compares with a log's times. */
const timeOf = (text: string | null): string | undefined => {
  if (!text || text === '0') return undefined
  const unix = /^(-?\d{1,12})(?:\.(\d{1,9}))?$/.exec(text)
  if (unix) return timestamp(BigInt(unix[1] ?? 0) * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0')))
  return timestamp(BigInt(Math.floor(askedMoment(text) ?? 0)) * 1_000_000n)
}

const tailOf = (text: string | null): number | undefined => {
  if (!text || text === 'all') return undefined
  const lines = Number(text)
  // docker takes what is no number for "all".
  return Number.isInteger(lines) && lines >= 0 ? lines : undefined
}

/** Reads the query of `GET /containers/{id}/logs`. Throws invalid in docker's words. */
export const logQuery = (query: URLSearchParams, signal: AbortSignal): LogQuery => {
  const names: readonly LogStream[] = ['stdout', 'stderr']
  const streams = new Set(names.filter((name) => flag(query, name)))
  if (streams.size === 0) throw invalid('Bad parameters: you must choose at least one stream')
  return {
    streams,
    tail: tailOf(query.get('tail')),
    since: timeOf(query.get('since')),
    until: timeOf(query.get('until')),
    follow: flag(query, 'follow'),
    signal,
  }
}
