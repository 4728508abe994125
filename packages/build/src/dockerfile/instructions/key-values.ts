import { invalid } from '@slipway/core'
import type { Line } from '../parser.ts'
import { fromLine } from '../problem.ts'
import { splitWords } from '../words.ts'

export interface KeyValue {
  readonly key: string
  readonly value: string
}

const splitPair = (word: string): KeyValue => {
  const equals = word.indexOf('=')
  if (equals === -1) {
    throw invalid(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`)
  }
  return { key: word.slice(0, equals), value: word.slice(equals + 1) }
}

/** `KEY=value …`, or the older `KEY the rest of the line`: ENV and LABEL. Throws invalid. */
export const parseKeyValues = (line: Line): readonly KeyValue[] => {
  const words = splitWords(line.text, line.escapeChar)
  const [first] = words
  if (first === undefined) throw invalid(`${line.name} requires at least one argument`)
  const pairs = fromLine(line.start, () => (first.includes('=') ? words.map(splitPair) : [olderForm(line)]))
  if (pairs.some(({ key }) => key === '')) throw invalid(`${line.name} names can not be blank`)
  return pairs
}

const olderForm = (line: Line): KeyValue => {
  const space = /[\t\v\f\r ]+/.exec(line.text)
  if (space === null) throw invalid(`${line.name} must have two arguments`)
  return { key: line.text.slice(0, space.index), value: line.text.slice(space.index + space[0].length) }
}
