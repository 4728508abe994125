import type { ServerResponse } from 'node:http'
import { type Descriptor, type Digest, hasCode, isTag, type Sql } from '@slipway/core'
import { readBody, sendEmpty } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { holdParts, type NewManifest, recordManifest } from '../metadata/manifests.ts'
import { ensureRepository, holdRepository } from '../metadata/repositories.ts'
import { moveTag } from '../metadata/tags.ts'
import type { Registry } from '../registry.ts'
import { adoptDescription } from '../search/adopt-description.ts'
import { ociError } from './oci-error.ts'
import { parseManifest } from './parse-manifest.ts'
import { digestFrom, type RepositoryHandler, type RepositoryRequest } from './repository-route.ts'

/** OCI distribution-spec, "Pushing Manifests": at least 4 MiB. */
const manifestLimit = 4 << 20

const readPayload = async (request: RepositoryRequest, { settings }: Registry): Promise<Buffer> => {
  try {
    return await readBody(request, { limit: manifestLimit, withinMs: settings.bodyMs })
  } catch (error) {
    if (!hasCode(error, 'too-large')) throw error
    throw ociError('MANIFEST_INVALID', { status: 413, message: 'the manifest is larger than 4 MiB', cause: error })
  }
}

interface Target {
  readonly digest: Digest | undefined
  readonly tags: readonly string[]
}

/** `PUT manifests/<tag>`, or `PUT manifests/<digest>?tag=a&tag=b`. */
const targetOf = (request: RepositoryRequest): Target => {
  const reference = request.params['reference'] ?? ''
  const digest = reference.includes(':') ? digestFrom(reference) : undefined
  const tags = digest === undefined ? [reference] : request.query.getAll('tag')
  const bad = tags.find((tag) => !isTag(tag))
  if (bad !== undefined) throw ociError('TAG_INVALID', { detail: { tag: bad.slice(0, 160) } })
  return { digest, tags }
}

/** Everything the manifest names must be in this repository, with the size it says: else a pull of it would fail. */
const checkParts = async (
  sql: Sql,
  { retention }: Registry,
  repositoryId: number,
  manifest: NewManifest,
): Promise<void> => {
  const sizes = await holdParts(sql, retention, repositoryId, manifest)
  const parts: readonly Descriptor[] = [...manifest.blobs, ...manifest.children]
  const missing = new Set(parts.map(({ digest }) => digest).filter((digest) => !sizes.has(digest)))
  if (missing.size > 0) throw ociError('MANIFEST_BLOB_UNKNOWN', { details: [...missing].map((digest) => ({ digest })) })
  const wrong = parts.filter(({ digest, size }) => sizes.get(digest) !== size)
  if (wrong.length > 0) {
    const details = wrong.map(({ digest, size }) => ({ digest, expected: size, got: sizes.get(digest) }))
    throw ociError('SIZE_INVALID', { details })
  }
}

const store = (request: RepositoryRequest, registry: Registry, manifest: NewManifest, tags: readonly string[]) =>
  registry.database.transaction(async (sql) => {
    const by = accountOf(request.caller)
    const repository = await ensureRepository(sql, request.repository)
    await holdRepository(sql, repository.id)
    await checkParts(sql, registry, repository.id, manifest)
    await recordManifest(sql, registry.retention, { repositoryId: repository.id, by }, manifest)
    for (const name of tags) {
      await moveTag(sql, registry.retention, { repositoryId: repository.id, name, digest: manifest.digest, by })
    }
    return repository
  })

const sendStored = (response: ServerResponse, repository: string, manifest: NewManifest, target: Target): void => {
  if (target.digest && target.tags.length > 0) response.setHeader('OCI-Tag', target.tags)
  if (manifest.subject) response.setHeader('OCI-Subject', manifest.subject)
  sendEmpty(response, 201, {
    Location: `/v2/${repository}/manifests/${manifest.digest}`,
    'Docker-Content-Digest': manifest.digest,
    'Content-Length': 0,
  })
}

/** `PUT /v2/<name>/manifests/<reference>`: checked, kept to the byte, tagged, all in one transaction. */
export const putManifest: RepositoryHandler = async (request, response, registry) => {
  const target = targetOf(request)
  const payload = await readPayload(request, registry)
  const manifest = parseManifest(payload, {
    contentType: request.raw.headers['content-type'],
    expected: target.digest,
  })
  const repository = await store(request, registry, manifest, target.tags)
  if (repository.description === '') await adoptDescription(registry, repository, manifest)
  sendStored(response, request.repository, manifest, target)
}
