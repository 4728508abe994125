import { SlipwayError } from '@slipway/core'

/** A mistake in an instruction, in docker's words: `dockerfile parse error on line 3: unknown instruction: RUNN`. */
export const parseProblem = (line: number, message: string): SlipwayError =>
  new SlipwayError('invalid', `dockerfile parse error on line ${line}: ${message}`, { detail: { line } })

const withLine = <T>(line: number, body: () => T, messageOf: (message: string) => string): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.detail['line'] !== undefined) throw error
    throw new SlipwayError(error.code, messageOf(error.message), { cause: error, detail: { ...error.detail, line } })
  }
}

/** Puts the line in front of what `body` finds wrong with an instruction: its name, its flags, its arguments. */
export const atLine = <T>(line: number, body: () => T): T =>
  withLine(line, body, (message) => `dockerfile parse error on line ${line}: ${message}`)

/** Takes the line out of the words again: what is wrong isn't there, only at its door. */
export const withoutLine = <T>(line: number, body: () => T): T => {
  try {
    return body()
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    const message = error.message.replace(/^dockerfile parse error on line \d+: /, '')
    throw new SlipwayError(error.code, message, { cause: error, detail: { ...error.detail, line } })
  }
}

/**
 * Notes the line, and leaves the words alone. BuildKit names it only where it takes an instruction apart; not where lines are
 * read, nor where instructions are carried out, for its clients show the lines anyway.
 */
export const fromLine = <T>(line: number, body: () => T): T => withLine(line, body, (message) => message)
