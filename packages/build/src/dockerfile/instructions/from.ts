import { invalid } from '@slipway/core'
import { type FlagTable, parseFlags } from '../flags.ts'
import type { Line } from '../parser.ts'
import { atLine } from '../problem.ts'
import { splitFields } from '../words.ts'

/** The beginning of a stage; nothing in it is expanded yet. */
export interface From {
  readonly line: Line
  readonly base: string
  /** In small letters. */
  readonly stageName?: string
  readonly platform?: string
}

const flags: FlagTable = { platform: 'string' }
const stageName = /^[a-z][a-z0-9-_.]*$/

const parseName = (words: readonly string[]): string | undefined => {
  if (words.length === 1) return undefined
  const [, as = '', name = ''] = words
  if (words.length !== 3 || as.toLowerCase() !== 'as') throw invalid('FROM requires either one or three arguments')
  const lower = name.toLowerCase()
  if (!stageName.test(lower)) {
    throw invalid(
      `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`,
    )
  }
  return lower
}

export const parseFrom = (line: Line): From =>
  atLine(line, () => {
    const words = splitFields(line.text)
    const [base] = words
    if (base === undefined) throw invalid('FROM requires either one or three arguments')
    const name = parseName(words)
    const platform = parseFlags(line.flags, flags).text('platform')
    return {
      line,
      base,
      ...(name === undefined ? {} : { stageName: name }),
      ...(platform === undefined ? {} : { platform }),
    }
  })
