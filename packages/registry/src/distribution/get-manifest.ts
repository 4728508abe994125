import type { Sql } from '@slipway/core'
import { isDigest, isIndex, isTag } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { notePull } from '../audit/note.ts'
import { findManifestByDigest, findManifestByTag, type StoredManifest } from '../metadata/manifests.ts'
import { ociError } from './oci-error.ts'
import { digestFrom, isUnchanged, type RepositoryHandler } from './repository-route.ts'

const find = async (sql: Sql, repository: string, reference: string): Promise<StoredManifest | undefined> => {
  if (isDigest(reference)) return findManifestByDigest(sql, repository, reference)
  if (reference.includes(':')) digestFrom(reference)
  return isTag(reference) ? findManifestByTag(sql, repository, reference) : undefined
}

/**
 * GET and HEAD of a manifest, by tag or digest, as it was pushed. `Accept` is not held against it: a client that can't read
 * the type says so itself, and better than a 404 would.
 */
export const getManifest: RepositoryHandler = async (request, response, registry) => {
  const reference = request.params['reference'] ?? ''
  const manifest = await find(registry.database.sql, request.repository, reference)
  if (manifest === undefined) {
    throw ociError('MANIFEST_UNKNOWN', { detail: { name: request.repository, reference: reference.slice(0, 160) } })
  }
  const headers = { 'Docker-Content-Digest': manifest.digest, ETag: `"${manifest.digest}"` }
  if (isUnchanged(request, manifest.digest)) return sendEmpty(response, 304, headers)
  if (request.raw.method === 'GET') {
    const pull = { repository: request.repository, subject: reference, detail: manifest.digest }
    notePull(registry, request, accountOf(request.caller), pull)
  }
  // An index is fetched on the way to an image: a pull is what fetches that.
  if (request.raw.method === 'GET' && !isIndex(manifest.mediaType)) {
    registry.pulls.count(request.repository)
    registry.feed.notePull({ repository: request.repository, reference, digest: manifest.digest })
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': manifest.mediaType,
    'Content-Length': manifest.payload.length,
  })
  response.end(request.raw.method === 'HEAD' ? undefined : manifest.payload)
}
