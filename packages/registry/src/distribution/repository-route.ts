import type { ServerResponse } from 'node:http'
import { type Action, type Digest, isDigest, isRepositoryName } from '@slipway/core'
import type { ApiRequest, Method, Route } from '@slipway/http'
import { accountOf, type Caller } from '../access/caller.ts'
import { authorize } from '../access/challenge.ts'
import { noteDeed } from '../audit/note.ts'
import { claimOwnProject } from '../projects/claim.ts'
import type { Registry } from '../registry.ts'
import { ociError } from './oci-error.ts'

/** A request about one repository, by someone who may make it. */
export interface RepositoryRequest extends ApiRequest {
  readonly repository: string
  readonly caller: Caller
}

export type RepositoryHandler = (
  request: RepositoryRequest,
  response: ServerResponse,
  registry: Registry,
) => Promise<void>

/**
 * One line of the route table: the name is checked, then the caller, then the handler runs; `deed` is what the audit calls it.
 */
export const repositoryRoute = (
  method: Method,
  path: `/v2/{name...}/${string}` | `/api/v1/repositories/{name...}${string}`,
  action: Action,
  handle: RepositoryHandler,
  deed?: string,
): Route<Registry> => ({
  method,
  path,
  handle: async (request, response, registry) => {
    const repository = request.params['name'] ?? ''
    if (!isRepositoryName(repository)) throw ociError('NAME_INVALID', { detail: { name: repository.slice(0, 300) } })
    const caller = await authorize(request, response, registry, { action, repository })
    registry.limit(request, response, caller)
    if (action === 'push') await claimOwnProject(registry, caller.identity, repository)
    await handle({ ...request, repository, caller }, response, registry)
    if (deed !== undefined && response.statusCode < 300) {
      const { reference, digest, tag } = request.params
      noteDeed(registry, request, accountOf(caller), { action: deed, repository, subject: reference ?? digest ?? tag })
    }
  },
})

/** A digest from outside. Throws DIGEST_INVALID. */
export const digestFrom = (text: string | null | undefined): Digest => {
  if (text && isDigest(text)) return text
  throw ociError('DIGEST_INVALID', { message: 'invalid digest', detail: { digest: (text ?? '').slice(0, 160) } })
}

/** `If-None-Match`, which some clients send without the quotes (RFC 9110, section 13.1.2). */
export const isUnchanged = (request: ApiRequest, digest: Digest): boolean => {
  const asked = request.raw.headers['if-none-match']
  if (asked === undefined) return false
  const tags = asked.split(',').map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''))
  return tags.includes('*') || tags.includes(digest)
}
