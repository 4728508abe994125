import { invalid } from '@slipway/core'

const directive = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/
const known = ['syntax', 'escape', 'check']

export type Directives = Readonly<Record<string, string>>

const checkEscape = (value: string): void => {
  if (value !== '\\' && value !== '`') throw invalid(`invalid escape token '${value}' does not match \` or \\`)
}

/** Adds the directive that `line` holds; undefined when the line holds none, which ends the directives. Throws invalid. */
export const readDirective = (line: string, before: Directives): Directives | undefined => {
  const [, typed, value] = directive.exec(line) ?? []
  const name = typed?.toLowerCase()
  if (name === undefined || value === undefined || !known.includes(name)) return undefined
  if (before[name] !== undefined) throw invalid(`only one ${name} parser directive can be used`)
  if (name === 'escape') checkEscape(value)
  return { ...before, [name]: value }
}
