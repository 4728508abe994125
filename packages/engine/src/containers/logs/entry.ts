export type LogStream = 'stdout' | 'stderr'

/** One line of a container's output. `log` ends with a newline unless the line went on (it was longer than 16 KiB). */
export interface LogEntry {
  readonly log: string
  readonly stream: LogStream
  /** RFC 3339 with nanoseconds. */
  readonly time: string
}

/** Nanoseconds since the epoch; Date has milliseconds only, so the rest comes from the monotonic clock. */
const clockOffset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint()

export const timestamp = (nanoseconds = process.hrtime.bigint() + clockOffset): string => {
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19)
  return `${seconds}.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`
}
