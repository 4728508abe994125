import { invalid } from '@slipway/core'
import { didYouMean } from './suggest.ts'
import { isSpace, trimLeft } from './words.ts'

export type FlagType = 'boolean' | 'string' | 'strings'
/** The flags that an instruction knows. */
export type FlagTable = Readonly<Record<string, FlagType>>

/** The flags that were given. */
export interface Flags {
  has(name: string): boolean
  text(name: string): string | undefined
  all(name: string): readonly string[]
  isSet(name: string): boolean
}

/**
 * Takes the leading `--flag` words off `text`. Quotes and escapes are resolved in them; a lone `--` ends them. The rest
 * comes back untouched.
 */
export const takeFlags = (text: string): { readonly words: readonly string[]; readonly rest: string } => {
  const words: string[] = []
  let at = 0
  for (;;) {
    while (isSpace(text[at] ?? '')) at += 1
    if (!text.startsWith('--', at)) return { words, rest: text.slice(at) }
    let word = ''
    let quote = ''
    for (; at < text.length; at++) {
      let char = text[at] ?? ''
      if (quote === '' && isSpace(char)) break
      if (quote === '' ? char === '"' || char === "'" : char === quote) {
        quote = quote === '' ? char : ''
        continue
      }
      if (char === '\\') {
        at += 1
        char = text[at] ?? ''
      }
      word += char
    }
    if (word === '--') return { words, rest: trimLeft(text.slice(at)) }
    words.push(word)
  }
}

const readBoolean = (name: string, value: string | undefined): string => {
  if (value === '') throw invalid(`missing a value on flag: --${name}`)
  const lower = (value ?? 'true').toLowerCase()
  if (lower !== 'true' && lower !== 'false') {
    throw invalid(`expecting boolean value for flag --${name}, not: ${value}`)
  }
  return lower
}

/** Reads the words that `takeFlags()` found. Throws invalid in docker's words. */
export const parseFlags = (words: readonly string[], table: FlagTable): Flags => {
  const given = new Map<string, string[]>()
  for (const word of words) {
    const equals = word.indexOf('=')
    const name = word.slice(2, equals === -1 ? undefined : equals)
    const value = equals === -1 ? undefined : word.slice(equals + 1)
    const type = Object.hasOwn(table, name) ? table[name] : undefined
    if (type === undefined) throw invalid(`unknown flag: --${name}${didYouMean(name, Object.keys(table))}`)
    const values = given.get(name) ?? []
    if (values.length > 0 && type !== 'strings') throw invalid(`duplicate flag specified: --${name}`)
    if (type !== 'boolean' && value === undefined) throw invalid(`missing a value on flag: --${name}`)
    values.push(type === 'boolean' ? readBoolean(name, value) : (value ?? ''))
    given.set(name, values)
  }
  return {
    has: (name) => given.has(name),
    text: (name) => given.get(name)?.[0],
    all: (name) => given.get(name) ?? [],
    isSet: (name) => given.get(name)?.[0] === 'true',
  }
}
