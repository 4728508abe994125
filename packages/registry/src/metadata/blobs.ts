import type { Digest, Sql } from '@slipway/core'

export interface BlobRow {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
}

/** How long pushed bytes are safe before a manifest names them: a client may need this long between the two. */
const protectionMs = 24 * 60 * 60 * 1000
const protectedUntil = (): Date => new Date(Date.now() + protectionMs)

/** A blob that a manifest names, or may still name, in this repository. Blobs elsewhere are not to be seen from here. */
export const findBlob = async (sql: Sql, repository: string, digest: Digest): Promise<BlobRow | undefined> => {
  const rows = await sql<BlobRow>`
    SELECT blob.digest, blob.size FROM repository
    JOIN repository_blob ON repository_blob.repository_id = repository.id
    JOIN blob ON blob.digest = repository_blob.digest
    WHERE repository.name = ${repository} AND repository_blob.digest = ${digest} AND blob.state = 'live'`
  return rows[0]
}

export const linkBlob = async (sql: Sql, repositoryId: number, digest: Digest): Promise<void> => {
  await sql`
    INSERT INTO repository_blob (repository_id, digest, linked_at) VALUES (${repositoryId}, ${digest}, ${new Date()})
    ON CONFLICT (repository_id, digest) DO NOTHING`
}

/** Notes bytes that the content store now holds, and links them into a repository. In a transaction. */
export const recordBlob = async (sql: Sql, repositoryId: number, { digest, size }: BlobRow): Promise<void> => {
  await sql`
    INSERT INTO blob (digest, size, storage_key, protected_until, created_at)
    VALUES (${digest}, ${size}, ${digest}, ${protectedUntil()}, ${new Date()})
    ON CONFLICT (digest) DO UPDATE SET
      state = 'live', storage_key = excluded.storage_key, protected_until = excluded.protected_until`
  await linkBlob(sql, repositoryId, digest)
}

/** A client that was told "it is here" won't send it again: keeps it safe, with a write at most twice a day. */
export const protectBlob = async (sql: Sql, digest: Digest): Promise<void> => {
  const halfway = new Date(Date.now() + protectionMs / 2)
  const rows = await sql`SELECT 1 FROM blob WHERE digest = ${digest} AND protected_until < ${halfway}`
  if (rows.length > 0) await sql`UPDATE blob SET protected_until = ${protectedUntil()} WHERE digest = ${digest}`
}

/** A repository that holds the blob, for a mount that names none. */
export const findHolders = async (sql: Sql, digest: Digest, limit: number): Promise<readonly string[]> => {
  const rows = await sql<{ name: string }>`
    SELECT repository.name FROM repository_blob
    JOIN repository ON repository.id = repository_blob.repository_id
    JOIN blob ON blob.digest = repository_blob.digest
    WHERE repository_blob.digest = ${digest} AND blob.state = 'live' ORDER BY repository.name LIMIT ${limit}`
  return rows.map((row) => row.name)
}

/** Whether a manifest of this repository still needs the blob. */
export const isBlobReferenced = async (sql: Sql, repositoryId: number, digest: Digest): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM manifest_reference
    WHERE digest = ${digest} AND repository_id = ${repositoryId} AND kind = 'blob' LIMIT 1`
  return rows.length > 0
}

/** Takes the blob out of a repository; false when it wasn't in it. The bytes go when nothing holds them any more. */
export const unlinkBlob = async (sql: Sql, repositoryId: number, digest: Digest): Promise<boolean> => {
  const rows = await sql`
    DELETE FROM repository_blob WHERE repository_id = ${repositoryId} AND digest = ${digest} RETURNING digest`
  return rows.length > 0
}
