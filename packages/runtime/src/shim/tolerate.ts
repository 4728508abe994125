import { type ErrorCode, hasCode } from '@slipway/core'

/** For `.catch()`: swallows errors with one of these codes, or that `also` accepts; throws the others on. */
export const ignoring =
  (codes: readonly ErrorCode[], also: (error: unknown) => boolean = () => false) =>
  (error: unknown): undefined => {
    if (codes.some((code) => hasCode(error, code)) || also(error)) return undefined
    throw error
  }
