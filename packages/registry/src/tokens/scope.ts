import { isRepositoryName } from '@slipway/core'

/** What a token lets its bearer do (distribution's token specification, "Requesting a token": scope). */
export interface Access {
  readonly type: string
  readonly name: string
  readonly actions: readonly string[]
}

const maximumScopes = 64

/** `repository:user/app:pull,push`; the name may hold colons (a host with a port), so the ends are cut off first. */
const parseScope = (text: string): Access | undefined => {
  const first = text.indexOf(':')
  const last = text.lastIndexOf(':')
  if (first <= 0 || last <= first) return undefined
  // `repository(plugin)`: a class of resources, docker's old habit.
  const type = text.slice(0, first).replace(/\([a-z0-9]+\)$/, '')
  const name = text.slice(first + 1, last)
  const actions = text
    .slice(last + 1)
    .split(',')
    .filter(Boolean)
  if (type === 'repository' && !isRepositoryName(name)) return undefined
  return { type, name, actions }
}

/** Reads scopes, given several times or several in one (by spaces). What can't be read is not granted, and no error. */
export const parseScopes = (texts: readonly string[]): readonly Access[] => {
  const words = texts.flatMap((text) => text.split(' ')).filter(Boolean)
  return words.slice(0, maximumScopes).flatMap((word) => parseScope(word) ?? [])
}

export const formatScope = ({ type, name, actions }: Access): string => `${type}:${name}:${actions.join(',')}`
