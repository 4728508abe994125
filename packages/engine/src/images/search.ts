import type { SearchResult } from '@slipway/client'
import { defaultRegistry, invalid, messageOf } from '@slipway/core'
import { type RegistryCredentials, search, searchEndpoint } from '@slipway/remote'
import { type Filters, flagFilter } from '../filters.ts'
import { integer } from '../numbers.ts'
import type { ImageRoom } from './room.ts'

export const searchFilters = ['is-automated', 'is-official', 'stars'] as const

export interface SearchRequest {
  readonly term: string
  readonly limit?: number
  readonly filters: Filters
  readonly credentials?: RegistryCredentials
  readonly signal?: AbortSignal
}

/** `127.0.0.1:5000/nginx` searches there; a word without a host, on Docker Hub or what stands in for it. */
const splitTerm = (term: string): { readonly registry: string; readonly words: string } => {
  const slash = term.indexOf('/')
  const first = slash === -1 ? '' : term.slice(0, slash)
  const isHost = /[.:]/.test(first) || first === 'localhost'
  return isHost ? { registry: first, words: term.slice(slash + 1) } : { registry: defaultRegistry, words: term }
}

const fewestStars = (filters: Filters): number => {
  const values = (filters.get('stars') ?? []).map((text) => {
    try {
      return integer('Atoi', text)
    } catch (error) {
      throw invalid(`invalid filter 'stars=${text.slice(0, 80)}': ${messageOf(error)}`, error)
    }
  })
  return Math.max(0, ...values)
}

/** `docker search`; stars, official and automated are filtered here, as the registry doesn't. */
export const searchImages = async (room: ImageRoom, request: SearchRequest): Promise<readonly SearchResult[]> => {
  const { term, limit, filters, credentials, signal } = request
  if (term === '') throw invalid('invalid search: the term is empty')
  const official = flagFilter(filters, 'is-official')
  const automated = flagFilter(filters, 'is-automated')
  const stars = fewestStars(filters)
  const { registry, words } = splitTerm(term)
  const found = await search({
    ...searchEndpoint(room.registries, registry),
    term: words,
    ...(limit === undefined ? {} : { limit }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(signal === undefined ? {} : { signal }),
  })
  return found
    .filter((each) => each.stars >= stars)
    .filter((each) => official === undefined || each.official === official)
    .filter((each) => automated === undefined || each.automated === automated)
    .map((each) => ({
      star_count: each.stars,
      is_official: each.official,
      name: each.name,
      is_automated: each.automated,
      description: each.description,
    }))
}
