import type { Sql } from '@slipway/core'
import { isDigest, isIndex, isTag } from '@slipway/core'
import { sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { notePull } from '../audit/note.ts'
import { findManifestByDigest, findManifestByTag, type StoredManifest } from '../metadata/manifests.ts'
import type { Registry } from '../registry.ts'
import { ociError } from './oci-error.ts'
import { digestFrom, isUnchanged, type RepositoryHandler } from './repository-route.ts'

interface Named {
  readonly repository: string
  readonly reference: string
  readonly known: StoredManifest | undefined
}

const look = async (sql: Sql, { repository, reference, known }: Named): Promise<StoredManifest | undefined> => {
  if (isDigest(reference)) return findManifestByDigest(sql, repository, reference, known)
  if (reference.includes(':')) digestFrom(reference)
  return isTag(reference) ? findManifestByTag(sql, repository, reference, known) : undefined
}

const find = async (
  { database, manifests }: Registry,
  repository: string,
  reference: string,
): Promise<StoredManifest | undefined> => {
  const name = `${repository} ${reference}`
  const known = manifests.get(name)
  const found = await look(database.sql, { repository, reference, known })
  if (found && found.payload !== known?.payload) manifests.note(name, found)
  return found
}

/**
 * GET and HEAD of a manifest, by tag or digest, as it was pushed. `Accept` is not held against it: a client that can't read
 * the type says so itself, and better than a 404 would.
 */
export const getManifest: RepositoryHandler = async (request, response, registry) => {
  const reference = request.params['reference'] ?? ''
  const manifest = await find(registry, request.repository, reference)
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
