import type { ServerResponse } from 'node:http'
import { mediaTypes } from '@slipway/core'
import { type ApiRequest, sendJson } from '@slipway/http'
import type { Caller } from '../access/caller.ts'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { isForCatalog, readableBy } from '../access/readable.ts'
import { listReadable } from '../access/visibility.ts'
import { hasAccounts } from '../accounts/records.ts'
import { listReferrers } from '../metadata/referrers.ts'
import { findRepository } from '../metadata/repositories.ts'
import { listTags } from '../metadata/tags.ts'
import type { Registry } from '../registry.ts'
import { ociError } from './oci-error.ts'
import { cutPage, parsePage } from './page.ts'
import { digestFrom, type RepositoryHandler } from './repository-route.ts'

/** `GET /v2/<name>/tags/list?n=&last=`, in lexical order. */
export const getTags: RepositoryHandler = async (request, response, registry) => {
  const page = parsePage(request.query)
  const { sql } = registry.database
  const repository = await findRepository(sql, request.repository)
  if (repository === undefined) throw ociError('NAME_UNKNOWN', { detail: { name: request.repository } })
  const items = await listTags(sql, repository.id, { last: page.last, limit: page.size + 1 })
  const tags = cutPage(request, response, page, { items, nameOf: (name) => name })
  sendJson(response, 200, { name: request.repository, tags })
}

/**
 * Who shows nothing, or a token for something else, is told where to get one: clients that have a password would never show it
 * otherwise, and see the public repositories only.
 */
const authenticateForCatalog = async (
  request: ApiRequest,
  response: ServerResponse,
  registry: Registry,
): Promise<Caller> => {
  const caller = await authenticate(request, response, registry)
  const { access, identity } = caller
  const isEnough = access === undefined ? identity.kind !== 'anonymous' : isForCatalog(access)
  if (isEnough || !(await hasAccounts(registry.database.sql))) return caller
  setChallenge(request, response, { scope: 'registry:catalog:*', ...(access ? { error: 'insufficient_scope' } : {}) })
  throw ociError('UNAUTHORIZED')
}

/** `GET /v2/_catalog?n=&last=`: the repositories that the caller may read, as docker's own registry lists them. */
export const getCatalog = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticateForCatalog(request, response, registry)
  const page = parsePage(request.query)
  const readable = await readableBy(registry, caller)
  const items = await listReadable(registry.database.sql, { ...readable, last: page.last, limit: page.size + 1 })
  sendJson(response, 200, { repositories: cutPage(request, response, page, { items, nameOf: (name) => name }) })
}

/** `GET /v2/<name>/referrers/<digest>?artifactType=`: always an index, also of nothing. */
export const getReferrers: RepositoryHandler = async (request, response, registry) => {
  const page = parsePage(request.query)
  const artifactType = request.query.get('artifactType') || undefined
  const items = await listReferrers(registry.database.sql, {
    repository: request.repository,
    subject: digestFrom(request.params['digest']),
    artifactType,
    last: page.last,
    limit: page.size + 1,
  })
  const manifests = cutPage(request, response, page, { items, nameOf: ({ digest }) => digest })
  if (artifactType) response.setHeader('OCI-Filters-Applied', 'artifactType')
  sendJson(
    response,
    200,
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    { 'Content-Type': mediaTypes.ociIndex },
  )
}
