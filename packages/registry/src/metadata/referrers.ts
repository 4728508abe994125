import type { Descriptor, Digest, Sql } from '@slipway/core'

export interface ReferrerQuery {
  readonly repository: string
  readonly subject: Digest
  readonly artifactType: string | undefined
  /** Exclusive; '' for the first page. */
  readonly last: string
  readonly limit: number
}

interface ReferrerRow {
  readonly digest: Digest
  readonly media_type: string
  readonly artifact_type: string | null
  readonly annotations: string | null
  readonly size: number
}

/** The manifests whose subject this is, by digest: what an OCI referrers list is made of. */
export const listReferrers = async (sql: Sql, query: ReferrerQuery): Promise<readonly Descriptor[]> => {
  const rows = await sql<ReferrerRow>`
    SELECT manifest.digest, manifest.media_type, manifest.artifact_type, manifest.annotations, manifest.size
    FROM repository JOIN manifest ON manifest.repository_id = repository.id
    WHERE repository.name = ${query.repository} AND manifest.subject = ${query.subject}
      AND manifest.deleted_at IS NULL AND manifest.digest > ${query.last}
      AND (${query.artifactType === undefined} OR manifest.artifact_type = ${query.artifactType ?? ''})
    ORDER BY manifest.digest LIMIT ${query.limit}`
  return rows.map((row) => ({
    mediaType: row.media_type,
    digest: row.digest,
    size: row.size,
    ...(row.artifact_type === null ? {} : { artifactType: row.artifact_type }),
    ...(row.annotations === null ? {} : { annotations: JSON.parse(row.annotations) as Record<string, string> }),
  }))
}
