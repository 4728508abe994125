import { SlipwayError } from '@slipway/core'

/** What docker's clients expect of a command that can't be run: 127 not found, 126 not executable, 128 for the rest. */
export const exitCodeOfFailure = (error: unknown): 126 | 127 | 128 => {
  const kind = error instanceof SlipwayError ? error.detail['kind'] : undefined
  if (kind === 'not-found') return 127
  return kind === 'not-executable' ? 126 : 128
}
