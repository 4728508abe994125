import { messageOf, parseReference, splitTag } from '@slipway/client'
import { Exit } from '../exit.ts'

const isRegistry = (first: string): boolean => /[.:]/.test(first) || first === 'localhost'

/** `alpine` fully written out: `docker.io/library/alpine:latest`. */
export const fullName = (name: string, { latest = true }: { readonly latest?: boolean } = {}): string => {
  const { repository, tag } = splitTag(name)
  const slash = repository.indexOf('/')
  const known = slash !== -1 && isRegistry(repository.slice(0, slash))
  const path = slash === -1 ? `library/${repository}` : repository
  const suffix = tag === undefined ? (latest ? ':latest' : '') : `${name.includes('@') ? '@' : ':'}${tag}`
  return `${known ? '' : 'docker.io/'}${path}${suffix}`
}

/** docker's client reads a name itself before it asks the engine. Throws Exit with `before` and what is wrong. */
export const checkReference = (name: string, before = ''): void => {
  try {
    parseReference(name)
  } catch (error) {
    throw new Exit(1, `${before}${messageOf(error)}`, { cause: error })
  }
}
