import { invalid } from '@slipway/core'
import { splitWords } from './words.ts'

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

const olderForm = (name: string, text: string): KeyValue => {
  const space = /[\t\v\f\r ]+/.exec(text)
  if (space === null) throw invalid(`${name} must have two arguments`)
  return { key: text.slice(0, space.index), value: text.slice(space.index + space[0].length) }
}

/** `KEY=value …`, or the older `KEY the rest of the line`: ENV and LABEL. Nothing is expanded yet. Throws invalid. */
export const parsePairs = (name: string, text: string, escapeChar: string): readonly KeyValue[] => {
  const words = splitWords(text, escapeChar)
  const [first] = words
  if (first === undefined) return []
  return first.includes('=') ? words.map(splitPair) : [olderForm(name, text)]
}
