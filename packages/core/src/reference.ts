import { type Digest, isDigest } from './digest.ts'
import { invalid } from './errors.ts'

/**
 * `registry/repository:tag@digest`, always fully written out: "alpine" is docker.io/library/alpine:latest.
 * The grammar is that of distribution/reference.
 */
export interface Reference {
  readonly registry: string
  readonly repository: string
  readonly tag?: string
  readonly digest?: Digest
}

export const defaultRegistry = 'docker.io'
const officialPrefix = 'library/'

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const repositoryPattern = new RegExp(`^${component}(?:/${component})*$`)
const domainLabel = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const registryPattern = new RegExp(`^(?:${domainLabel}(?:\\.${domainLabel})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`)
const tagPattern = /^[\w][\w.-]{0,127}$/
const identifierPattern = /^[a-f0-9]{64}$/
const maximumNameLength = 255

export const isRepositoryName = (text: string): boolean =>
  text.length <= maximumNameLength && repositoryPattern.test(text)
export const isTag = (text: string): boolean => tagPattern.test(text)

const looksLikeRegistry = (first: string): boolean =>
  first.includes('.') || first.includes(':') || first === 'localhost' || first.toLowerCase() !== first

/** Splits `name` into the registry and the path, with docker's defaults filled in. */
const splitName = (name: string): { registry: string; repository: string } => {
  const slash = name.indexOf('/')
  const first = slash === -1 ? '' : name.slice(0, slash)
  const explicit = slash !== -1 && looksLikeRegistry(first)
  const registry = explicit ? (first === 'index.docker.io' ? defaultRegistry : first) : defaultRegistry
  const path = explicit ? name.slice(slash + 1) : name
  const repository = registry === defaultRegistry && !path.includes('/') ? officialPrefix + path : path
  return { registry, repository }
}

/**
 * Reads what a person types after `docker pull`. No tag and no digest stays that way: ask `withDefaultTag()`.
 * Throws invalid with docker's words.
 */
export const parseReference = (text: string): Reference => {
  const fail = (why = 'invalid reference format'): never => {
    throw invalid(why)
  }
  if (text === '' || identifierPattern.test(text)) fail()
  const at = text.indexOf('@')
  const digestText = at === -1 ? undefined : text.slice(at + 1)
  if (digestText !== undefined && !isDigest(digestText)) fail()
  const named = at === -1 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const hasTag = colon > named.lastIndexOf('/')
  const tag = hasTag ? named.slice(colon + 1) : undefined
  if (tag !== undefined && !isTag(tag)) fail()
  const { registry, repository } = splitName(hasTag ? named.slice(0, colon) : named)
  if (repository.toLowerCase() !== repository) {
    fail(`invalid reference format: repository name (${repository}) must be lowercase`)
  }
  if (!registryPattern.test(registry) || !repositoryPattern.test(repository)) fail()
  if (registry.length + 1 + repository.length > maximumNameLength) {
    fail(`repository name must not be more than ${maximumNameLength} characters`)
  }
  return {
    registry,
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digestText === undefined ? {} : { digest: digestText as Digest }),
  }
}

/** No tag means `latest`, unless a digest says exactly what is meant. */
export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference

/**
 * A repository and a tag that an image is to get, as two parameters of a request: without a tag `latest`. Throws invalid in
 * docker's words.
 */
export const parseRepositoryTag = (repository: string, tag: string): Reference => {
  if (identifierPattern.test(repository)) {
    throw invalid(`invalid repository name (${repository}), cannot specify 64-byte hexadecimal strings`)
  }
  const reference = parseReference(repository)
  if (reference.digest !== undefined) throw invalid('cannot import digest reference')
  if (reference.repository === `${officialPrefix}sha256`) {
    throw invalid('refusing to create an ambiguous tag using digest algorithm as name')
  }
  if (tag !== '' && !isTag(tag)) throw invalid('invalid tag format')
  return withDefaultTag(tag === '' ? reference : { ...reference, tag })
}

/** `docker.io/library/alpine`. */
export const repositoryOf = (reference: Reference): string => `${reference.registry}/${reference.repository}`

const suffix = ({ tag, digest }: Reference): string => (tag ? `:${tag}` : '') + (digest ? `@${digest}` : '')

/** `docker.io/library/alpine:latest`. */
export const formatReference = (reference: Reference): string => repositoryOf(reference) + suffix(reference)

/** What a person typed, written out in full; as it is when it is no name. */
export const fullName = (text: string): string => {
  try {
    return formatReference(withDefaultTag(parseReference(text)))
  } catch {
    return text
  }
}

/** `alpine`: the repository as docker shows it. */
export const familiarRepository = ({ registry, repository }: Reference): string => {
  if (registry !== defaultRegistry) return `${registry}/${repository}`
  const official = repository.startsWith(officialPrefix) && !repository.slice(officialPrefix.length).includes('/')
  return official ? repository.slice(officialPrefix.length) : repository
}

/** `alpine:latest`: the reference as docker shows it. */
export const familiarName = (reference: Reference): string => familiarRepository(reference) + suffix(reference)
