import { invalid } from '@slipway/core'
import { type KeyValue, parsePairs } from '../pairs.ts'
import type { Line } from '../parser.ts'

/** The pairs of ENV and LABEL. Throws invalid. */
export const parseKeyValues = ({ name, text, escapeChar }: Line): readonly KeyValue[] => {
  const pairs = parsePairs(name, text, escapeChar)
  if (pairs.length === 0) throw invalid(`${name} requires at least one argument`)
  if (pairs.some(({ key }) => key === '')) throw invalid(`${name} names can not be blank`)
  return pairs
}
