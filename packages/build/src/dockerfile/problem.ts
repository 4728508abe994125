import { SlipwayError } from '@slipway/core'

/** A mistake in the Dockerfile, in docker's words: `dockerfile parse error on line 3: unknown instruction: RUNN`. */
export const parseProblem = (line: number, message: string): SlipwayError =>
  new SlipwayError('invalid', `dockerfile parse error on line ${line}: ${message}`, { detail: { line } })

/** Puts the line in front of whatever `body` finds wrong. */
export const atLine = <T>(line: number, body: () => T): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.detail['line'] !== undefined) throw error
    const message = `dockerfile parse error on line ${line}: ${error.message}`
    throw new SlipwayError(error.code, message, { cause: error, detail: { ...error.detail, line } })
  }
}
