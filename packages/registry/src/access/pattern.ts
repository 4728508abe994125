import { type Action, invalid, isRepositoryName } from '@slipway/core'

/** Actions on the repositories that a pattern names: `team/app`, `team/**` (everything below), `**` (everything). */
export interface Grant {
  readonly pattern: string
  readonly actions: readonly Action[]
}

export const allActions: readonly Action[] = ['pull', 'push', 'delete', 'manage']

/** Throws invalid. */
export const parsePattern = (text: string): string => {
  const name = text === '**' ? undefined : text.replace(/\/\*\*$/, '')
  if (name === undefined || isRepositoryName(name)) return text
  throw invalid(`invalid pattern ${JSON.stringify(text.slice(0, 300))}: use team/app, team/** or **`)
}

/** `pull,push`; `*` is all four. Throws invalid. */
export const parseActions = (text: string): readonly Action[] => {
  const words = text === '*' ? allActions : text.split(',')
  const unknown = words.find((word) => !(allActions as readonly string[]).includes(word))
  if (unknown !== undefined || text === '') {
    throw invalid(`invalid actions ${JSON.stringify(text.slice(0, 80))}: use some of ${allActions.join(',')}, or *`)
  }
  return allActions.filter((action) => words.includes(action))
}

/** `team/**:pull,push other:pull`: what a token is limited to. Throws invalid. */
export const parseGrants = (text: string): readonly Grant[] =>
  text
    .split(' ')
    .filter(Boolean)
    .map((word) => {
      const colon = word.lastIndexOf(':')
      if (colon === -1) throw invalid(`invalid limit ${JSON.stringify(word.slice(0, 300))}: use PATTERN:ACTIONS`)
      return { pattern: parsePattern(word.slice(0, colon)), actions: parseActions(word.slice(colon + 1)) }
    })

export const formatGrants = (grants: readonly Grant[]): string =>
  grants.map(({ pattern, actions }) => `${pattern}:${actions.join(',')}`).join(' ')

const matches = (pattern: string, name: string): boolean => {
  if (pattern === '**' || pattern === name) return true
  return pattern.endsWith('/**') && name.startsWith(pattern.slice(0, -2))
}

/** Whether one of the grants is for this action on this repository. */
export const isWithin = (grants: readonly Grant[], action: Action, name: string): boolean =>
  grants.some((grant) => grant.actions.includes(action) && matches(grant.pattern, name))

/** The same pattern for SQL's LIKE, with `\` as its escape: `_` is a letter of many names. */
export const likeOf = (pattern: string): string => pattern.replace(/[\\%_]/g, '\\$&').replace(/\*\*$/, '%')
