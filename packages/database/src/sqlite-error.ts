import { SlipwayError } from '@slipway/core'

/** Primary result codes (sqlite.org/rescode.html). */
const [busy, locked, readOnly, ioError, full, cannotOpen] = [5, 6, 8, 10, 13, 14]

const codeOf = (error: unknown): number | undefined => {
  const { errcode } = Object(error) as { errcode?: unknown }
  return typeof errcode === 'number' ? errcode & 0xff : undefined
}

export const unavailable = (message: string, retryAfterSeconds: number, cause: unknown): SlipwayError =>
  new SlipwayError('unavailable', message, { cause, detail: { retryAfterSeconds } })

/** Whether there was no room for what was to be written. */
export const isFull = (error: unknown): boolean =>
  codeOf(error) === full || (error instanceof Error && codeOf(error.cause) === full)

/** Whether the disk failed. */
export const isIoError = (error: unknown): boolean => codeOf(error) === ioError

/** `error` in our words, when the file can't be written or read now, which isn't the statement's fault; else as it is. */
export const asUnavailable = (error: unknown): unknown => {
  const code = codeOf(error)
  if (code === full) return unavailable('no space left on device: the database is full', 60, error)
  if (code === busy || code === locked) return unavailable('the database is busy', 5, error)
  if (code === readOnly || code === ioError || code === cannotOpen) {
    return unavailable('the database can’t be read or written', 60, error)
  }
  return error
}
