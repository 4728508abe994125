import type { ServerResponse } from 'node:http'
import { type ApiRequest, type Route, sendJson } from '@slipway/http'
import type { Caller } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { readableBy } from '../access/readable.ts'
import { hasAccounts } from '../accounts/records.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { service } from '../tokens/token.ts'
import { searchRepositories } from './query.ts'

const defaultSize = 25
const largestSize = 100
const longestText = 256

const numberIn = (query: URLSearchParams, name: string, fallback: number, largest: number): number => {
  const text = query.get(name)
  if (text === null || text === '') return fallback
  const number = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (number < 1 || number > largest) {
    throw ociError('PAGINATION_NUMBER_INVALID', { message: `${name} must be between 1 and ${largest}` })
  }
  return number
}

/**
 * Where nothing is public by itself, strangers are asked who they are: podman doesn't log in for this, but takes a refusal as a
 * reason to ask the catalogue, and for that it does.
 */
const refuseStrangers = async (response: ServerResponse, registry: Registry, { identity }: Caller): Promise<void> => {
  if (identity.kind !== 'anonymous' || registry.settings.visibility === 'public') return
  if (!(await hasAccounts(registry.database.sql))) return
  response.setHeader('WWW-Authenticate', `Basic realm="${service}"`)
  throw ociError('UNAUTHORIZED')
}

/** `GET /v1/search?q=&n=&page=`: where `docker search` and `podman search` look. */
const search = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  await refuseStrangers(response, registry, caller)
  const query = (request.query.get('q') ?? '').slice(0, longestText)
  const size = numberIn(request.query, 'n', defaultSize, largestSize)
  const page = numberIn(request.query, 'page', 1, 1_000_000)
  const { total, results } = await searchRepositories(registry.database, {
    text: query,
    size,
    page,
    readable: await readableBy(registry, caller),
  })
  sendJson(response, 200, {
    query,
    num_results: total,
    num_pages: Math.ceil(total / size),
    page,
    page_size: size,
    results,
  })
}

const pingV1 = async (_request: ApiRequest, response: ServerResponse): Promise<void> => {
  response.setHeader('X-Docker-Registry-Standalone', 'true')
  sendJson(response, 200, true)
}

export const searchRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/v1/_ping', handle: pingV1 },
  { method: 'GET', path: '/v1/search', handle: search },
]
