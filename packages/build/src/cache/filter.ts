import { invalid } from '@slipway/core'
import type { CacheRecord } from './record.ts'

export type CacheFilter = (record: CacheRecord) => boolean

const switches: Readonly<Record<string, CacheFilter>> = {
  inuse: ({ inUse }) => inUse,
  mutable: ({ kind }) => kind !== 'regular',
  immutable: ({ kind }) => kind === 'regular',
  shared: ({ shared }) => shared,
  private: ({ shared }) => !shared,
}

const texts: Readonly<Record<string, (record: CacheRecord) => string>> = {
  id: ({ id }) => id,
  type: ({ kind }) => kind,
  description: ({ description }) => description,
}

const longest = 256

const compile = (text: string): RegExp => {
  try {
    return new RegExp(text)
  } catch (error) {
    throw invalid(`invalid filter: ${JSON.stringify(text)} is no pattern`, error)
  }
}

const readTerm = (term: string): CacheFilter => {
  if (term.length > longest) throw invalid('invalid filter: too long')
  const [, name = '', operator = '', typed = ''] = /^(\w+)(?:(==|!=|~=)(.*))?$/s.exec(term) ?? []
  const value = /^".*"$/s.test(typed) ? typed.slice(1, -1) : typed
  const flag = Object.hasOwn(switches, name) ? switches[name] : undefined
  const textOf = Object.hasOwn(texts, name) ? texts[name] : undefined
  if (flag !== undefined && operator === '') return flag
  if (flag !== undefined && operator !== '~=') {
    const wanted = (value !== '0' && value !== 'false') === (operator === '==')
    return (record) => flag(record) === wanted
  }
  if (textOf === undefined || operator === '') throw invalid(`invalid filter '${term}'`)
  if (operator === '==') return (record) => textOf(record) === value
  if (operator === '!=') return (record) => textOf(record) !== value
  const pattern = compile(value)
  return (record) => pattern.test(textOf(record))
}

/**
 * As containerd reads them: `type==regular,shared` takes what fits both, and several texts what fits one of them. Throws invalid.
 */
export const parseCacheFilters = (filters: readonly string[]): CacheFilter => {
  const given = filters
    .filter((text) => text !== '')
    .map((text) => text.split(',').map((term) => readTerm(term.trim())))
  return (record) => given.length === 0 || given.some((terms) => terms.every((fits) => fits(record)))
}
