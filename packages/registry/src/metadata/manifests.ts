import type { Descriptor, Digest, Sql } from '@slipway/core'
import { countManifest } from '../projects/use.ts'
import { holdBlob } from './blobs.ts'
import { enqueue, manifestKey } from './queue.ts'
import { inMs, type Retention } from './retention.ts'

export interface StoredManifest {
  readonly digest: Digest
  readonly mediaType: string
  /** The exact bytes that were pushed. */
  readonly payload: Uint8Array
}

/** A manifest as it is written: `blobs` and `children` are what it can't be served without, `foreign` is elsewhere. */
export interface NewManifest extends StoredManifest {
  readonly artifactType: string | undefined
  readonly subject: Digest | undefined
  readonly annotations: Readonly<Record<string, string>> | undefined
  readonly config: Descriptor | undefined
  readonly blobs: readonly Descriptor[]
  readonly foreign: readonly Descriptor[]
  readonly children: readonly Descriptor[]
}

interface ManifestRow {
  readonly digest: Digest
  readonly media_type: string
  /** Null: it is the known one's. */
  readonly payload: Uint8Array | null
}

const fromRow = (row: ManifestRow | undefined, known?: StoredManifest): StoredManifest | undefined => {
  if (row === undefined) return undefined
  const payload = row.payload ?? known?.payload
  return payload && { digest: row.digest, mediaType: row.media_type, payload }
}

/** What a tag names; where that is `known`, its payload isn't read again. */
export const findManifestByTag = async (
  sql: Sql,
  repository: string,
  tag: string,
  known?: StoredManifest,
): Promise<StoredManifest | undefined> => {
  const rows = await sql<ManifestRow>`
    SELECT manifest.digest, manifest.media_type,
      CASE WHEN manifest.digest = ${known?.digest ?? ''} THEN NULL ELSE manifest.payload END AS payload
    FROM repository
    JOIN tag ON tag.repository_id = repository.id
    JOIN manifest ON manifest.repository_id = tag.repository_id AND manifest.digest = tag.digest
    WHERE repository.name = ${repository} AND tag.name = ${tag}`
  return fromRow(rows[0], known)
}

/** As `findManifestByTag()`. */
export const findManifestByDigest = async (
  sql: Sql,
  repository: string,
  digest: Digest,
  known?: StoredManifest,
): Promise<StoredManifest | undefined> => {
  const rows = await sql<ManifestRow>`
    SELECT manifest.digest, manifest.media_type,
      CASE WHEN manifest.digest = ${known?.digest ?? ''} THEN NULL ELSE manifest.payload END AS payload
    FROM repository
    JOIN manifest ON manifest.repository_id = repository.id
    WHERE repository.name = ${repository} AND manifest.digest = ${digest} AND manifest.deleted_at IS NULL`
  return fromRow(rows[0], known)
}

/**
 * The sizes of what is in the repository already, which stays there from now on until the transaction ends: so it can be
 * referred to. What is missing is not in the map. In a transaction.
 */
export const holdParts = async (
  sql: Sql,
  retention: Retention,
  repositoryId: number,
  parts: Pick<NewManifest, 'blobs' | 'children'>,
): Promise<ReadonlyMap<Digest, number>> => {
  const sizes = new Map<Digest, number>()
  // In one order everywhere, so that two pushes of the same layers can't wait for one another.
  for (const digest of parts.blobs.map((blob) => blob.digest).sort()) {
    if (!(await holdBlob(sql, retention, digest))) continue
    const rows = await sql<{ size: number }>`
      SELECT blob.size FROM repository_blob JOIN blob ON blob.digest = repository_blob.digest
      WHERE repository_blob.repository_id = ${repositoryId} AND blob.digest = ${digest}`
    if (rows[0]) sizes.set(digest, rows[0].size)
  }
  for (const digest of parts.children.map((child) => child.digest).sort()) {
    const rows = await sql<{ size: number }>`
      SELECT size FROM manifest
      WHERE repository_id = ${repositoryId} AND digest = ${digest} AND deleted_at IS NULL /*postgres: FOR SHARE*/`
    if (rows[0]) sizes.set(digest, rows[0].size)
  }
  return sizes
}

const noteReferences = async (
  sql: Sql,
  at: { readonly repositoryId: number; readonly parent: Digest; readonly kind: 'blob' | 'manifest' },
  targets: readonly Descriptor[],
): Promise<void> => {
  for (const { digest } of targets) {
    await sql`
      INSERT INTO manifest_reference (repository_id, parent, kind, digest)
      VALUES (${at.repositoryId}, ${at.parent}, ${at.kind}, ${digest})
      ON CONFLICT (repository_id, parent, digest) DO NOTHING`
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/**
 * Writes a manifest and what it refers to; one that is there already stays as it is, and one in the trash comes back. Throws
 * forbidden when the project has no room for it. In a transaction.
 */
export const recordManifest = async (
  sql: Sql,
  retention: Retention,
  where: { readonly repositoryId: number; readonly by: string | null },
  manifest: NewManifest,
): Promise<void> => {
  const { repositoryId, by } = where
  const key = manifestKey({ repositoryId, digest: manifest.digest })
  await enqueue(sql, { kind: 'manifest', key, reason: 'pushed' }, inMs(retention.untaggedMs))
  const size = manifest.payload.length
  const totalSize = sum([size, ...manifest.blobs.map((blob) => blob.size)])
  const added = await sql`
    INSERT INTO manifest (repository_id, digest, media_type, artifact_type, subject, config_digest, annotations, payload,
      size, total_size, pushed_by, pushed_at)
    VALUES (${repositoryId}, ${manifest.digest}, ${manifest.mediaType}, ${manifest.artifactType ?? null},
      ${manifest.subject ?? null}, ${manifest.config?.digest ?? null},
      ${manifest.annotations ? JSON.stringify(manifest.annotations) : null}, ${manifest.payload},
      ${size}, ${totalSize}, ${by}, ${new Date()})
    ON CONFLICT (repository_id, digest) DO NOTHING RETURNING digest`
  if (added.length === 0) {
    await sql`
      UPDATE manifest SET deleted_at = NULL, deleted_by = NULL
      WHERE repository_id = ${repositoryId} AND digest = ${manifest.digest}`
  }
  await noteReferences(sql, { repositoryId, parent: manifest.digest, kind: 'blob' }, [
    ...manifest.blobs,
    ...manifest.foreign,
  ])
  await noteReferences(sql, { repositoryId, parent: manifest.digest, kind: 'manifest' }, manifest.children)
  if (added.length > 0) await countManifest(sql, repositoryId, size)
}

export interface ManifestWithPayload extends StoredManifest {
  readonly repositoryId: number
  readonly repository: string
}

/** All manifests that clients see, by repository and digest, after `last`. */
export const listManifests = (
  sql: Sql,
  last: { readonly repositoryId: number; readonly digest: string },
  limit: number,
): Promise<readonly ManifestWithPayload[]> =>
  sql<ManifestWithPayload>`
    SELECT manifest.repository_id AS "repositoryId", repository.name AS repository, manifest.digest,
      manifest.media_type AS "mediaType", manifest.payload
    FROM manifest JOIN repository ON repository.id = manifest.repository_id
    WHERE manifest.deleted_at IS NULL AND (manifest.repository_id > ${last.repositoryId}
      OR (manifest.repository_id = ${last.repositoryId} AND manifest.digest > ${last.digest}))
    ORDER BY manifest.repository_id, manifest.digest LIMIT ${limit}`

/** What a manifest names and its repository doesn't have; foreign layers among it. None of a manifest that is gone by now. */
export const findAbsentParts = (
  sql: Sql,
  { repositoryId, digest }: { readonly repositoryId: number; readonly digest: Digest },
): Promise<readonly { readonly kind: 'blob' | 'manifest'; readonly digest: Digest }[]> =>
  sql<{ kind: 'blob' | 'manifest'; digest: Digest }>`
    SELECT part.kind, part.digest FROM manifest_reference part
    JOIN manifest parent ON parent.repository_id = part.repository_id AND parent.digest = part.parent
      AND parent.deleted_at IS NULL
    LEFT JOIN repository_blob link
      ON part.kind = 'blob' AND link.repository_id = part.repository_id AND link.digest = part.digest
    LEFT JOIN manifest child ON part.kind = 'manifest' AND child.repository_id = part.repository_id
      AND child.digest = part.digest AND child.deleted_at IS NULL
    WHERE part.repository_id = ${repositoryId} AND part.parent = ${digest}
      AND link.digest IS NULL AND child.digest IS NULL
    ORDER BY part.kind, part.digest`
