import { invalid } from '@slipway/core'
import { trimLeft } from './words.ts'

const assignment = /^([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const known = ['syntax', 'escape', 'check']

export type Directives = Readonly<Record<string, string>>

/** `# name=value` with the name in small letters; undefined: the line is no directive. */
const parseDirective = (line: string, mark: string): { readonly name: string; readonly value: string } | undefined => {
  if (!line.startsWith(mark)) return undefined
  const [, typed = '', value] = assignment.exec(trimLeft(line.slice(mark.length))) ?? []
  const name = typed.toLowerCase()
  return value === undefined || !known.includes(name) ? undefined : { name, value }
}

const checkEscape = (value: string): void => {
  if (value !== '\\' && value !== '`') throw invalid(`invalid escape token '${value}' does not match \` or \\`)
}

/** Adds the directive that `line` holds; undefined when the line holds none, which ends the directives. Throws invalid. */
export const readDirective = (line: string, before: Directives): Directives | undefined => {
  const found = parseDirective(line, '#')
  if (found === undefined) return undefined
  const { name, value } = found
  if (before[name] !== undefined) throw invalid(`only one ${name} parser directive can be used`)
  if (name === 'escape') checkEscape(value)
  return { ...before, [name]: value }
}

/** A definition without what may come first in it: a byte order mark and a `#!` line. */
export const withoutShebang = (text: string): string => text.replace(/^\uFEFF/, '').replace(/^#![^\n]*(?:\n|$)/, '')

/**
 * What a definition of whatever kind says at its top of `name`, up to the first blank: it is asked for before the file is read,
 * and by other rules. No white space may stand before `mark`.
 */
export const findDirective = (text: string, name: string, mark = '#'): string | undefined => {
  for (const line of withoutShebang(text).split('\n')) {
    const found = parseDirective(line, mark)
    if (found === undefined) return undefined
    if (found.name === name) return found.value.split(' ', 1)[0]
  }
  return undefined
}

/** What a comment right above an instruction says of `name`. */
export const directiveIn = (comment: string, name: string): string | undefined => {
  const found = parseDirective(trimLeft(comment), '#')
  return found?.name === name ? found.value.split(' ', 1)[0] : undefined
}
