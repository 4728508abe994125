import type { HubImage } from '@slipway/client/hub'
import type { Descriptor, Digest, Sql } from '@slipway/core'
import type { Asked } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import { digestFrom } from '../distribution/repository-route.ts'
import { findManifestByDigest } from '../metadata/manifests.ts'
import { findRepository } from '../metadata/repositories.ts'
import type { Registry } from '../registry.ts'
import { readConfig } from './image-config.ts'

const mostSharing = 50

/** What a manifest may hold: whoever pushed it was free to write what they like. */
interface LooseManifest {
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
}

type SharingTag = HubImage['sharing'][number]

/** Only tags of the same repository: of others the caller may know nothing. */
const sharingTags = (sql: Sql, repositoryId: number, digest: Digest): Promise<readonly SharingTag[]> =>
  sql<SharingTag>`
    SELECT repository.name AS repository, tag.name AS tag, count(*) AS layers
    FROM manifest_reference mine
    JOIN manifest_reference other
      ON other.digest = mine.digest AND other.repository_id = mine.repository_id AND other.parent <> mine.parent
    JOIN tag ON tag.repository_id = other.repository_id AND tag.digest = other.parent
    JOIN repository ON repository.id = tag.repository_id
    WHERE mine.repository_id = ${repositoryId} AND mine.parent = ${digest} AND mine.kind = 'blob'
    GROUP BY repository.name, tag.name ORDER BY count(*) DESC, tag.name LIMIT ${mostSharing}`

/** Bytes of blobs that no other manifest names, in any repository: what a delete would free in the end. */
const freedBytes = async (sql: Sql, repositoryId: number, digest: Digest): Promise<number> => {
  const rows = await sql<{ size: number | null }>`
    SELECT sum(blob.size) AS size FROM manifest_reference mine JOIN blob ON blob.digest = mine.digest
    WHERE mine.repository_id = ${repositoryId} AND mine.parent = ${digest} AND mine.kind = 'blob'
      AND NOT EXISTS (
        SELECT 1 FROM manifest_reference other
        WHERE other.digest = mine.digest AND (other.repository_id <> mine.repository_id OR other.parent <> mine.parent))`
  return Number(rows[0]?.size ?? 0)
}

/** Manifest and config, who shares its layers, and what a delete would free. */
export const getImage = async ({ repository: name, params }: Asked, registry: Registry): Promise<HubImage> => {
  const { sql } = registry.database
  const digest = digestFrom(params['digest'])
  const stored = await findManifestByDigest(sql, name, digest)
  const repository = await findRepository(sql, name)
  if (stored === undefined || repository === undefined) throw ociError('MANIFEST_UNKNOWN', { detail: { digest } })
  const manifest: LooseManifest = JSON.parse(Buffer.from(stored.payload).toString('utf8'))
  return {
    digest,
    mediaType: stored.mediaType,
    manifest,
    config: await readConfig(registry, name, manifest.config),
    sharing: await sharingTags(sql, repository.id, digest),
    freed: await freedBytes(sql, repository.id, digest),
  }
}
