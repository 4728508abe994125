import { hasCode, invalid } from '@slipway/core'
import { searchHostOf } from './address.ts'
import { basicAuthorization } from './credentials.ts'
import { readAtMost } from './fault.ts'
import { Session, type SessionOptions } from './session.ts'

export interface SearchOptions extends SessionOptions {
  readonly term: string
  /** 1 to 100; default 25. */
  readonly limit?: number
}

export interface SearchResult {
  readonly name: string
  readonly description: string
  readonly stars: number
  readonly official: boolean
  readonly automated: boolean
}

const longestReply = 4 * 1024 * 1024

const parseResults = (body: Buffer): readonly SearchResult[] => {
  const { results } = JSON.parse(body.toString('utf8')) as { results?: unknown }
  if (!Array.isArray(results)) throw invalid('the registry gave no search results')
  return (results as readonly Record<string, unknown>[]).map((result) => ({
    name: String(result['name'] ?? ''),
    description: String(result['description'] ?? ''),
    stars: Number(result['star_count']) || 0,
    official: result['is_official'] === true,
    automated: result['is_automated'] === true,
  }))
}

/** `GET /v1/search`, all that is left of docker's first registry protocol, and what `docker search` stands on. */
export const search = async (options: SearchOptions): Promise<readonly SearchResult[]> => {
  const { term, limit = 25, registry, credentials } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
    throw invalid(`limit ${limit} is outside the range of [1, 100]`)
  }
  // The password goes as Basic, or not at all: no token is for searching.
  await using session = new Session({ ...options, credentials: {}, registry: searchHostOf(registry) })
  const target = `/v1/search?${new URLSearchParams({ q: term, n: String(limit) })}`
  const ask = (headers: Readonly<Record<string, string>>) =>
    session.request({ method: 'GET', target, headers: { 'x-docker-token': 'true', ...headers }, expect: [200] })
  const authorization = basicAuthorization(credentials ?? {})
  const response = await ask(authorization === undefined ? {} : { authorization }).catch((error: unknown) => {
    // A password that a registry doesn't know must not hide what everyone may find there.
    if (authorization !== undefined && hasCode(error, 'unauthenticated')) return ask({})
    throw error
  })
  return parseResults(await readAtMost(response.body, longestReply, 'the search result')).slice(0, limit)
}
