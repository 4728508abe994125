import type { Digest, Sql } from '@slipway/core'
import { countBlob, uncountBlob } from '../projects/use.ts'
import { enqueue } from './queue.ts'
import { inMs, type Retention } from './retention.ts'

export interface BlobRow {
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  /** Where the storage has them. */
  readonly storageKey: string
}

/** A blob that a manifest names, or may still name, in this repository. Blobs elsewhere are not to be seen from here. */
export const findBlob = async (sql: Sql, repository: string, digest: Digest): Promise<BlobRow | undefined> => {
  const rows = await sql<BlobRow>`
    SELECT blob.digest, blob.size, blob.storage_key AS "storageKey" FROM repository
    JOIN repository_blob ON repository_blob.repository_id = repository.id
    JOIN blob ON blob.digest = repository_blob.digest
    WHERE repository.name = ${repository} AND repository.deleted_at IS NULL
      AND repository_blob.digest = ${digest} AND blob.lost_at IS NULL`
  return rows[0]
}

export interface AnyBlob extends BlobRow {
  /** When it was found damaged. */
  readonly lostAt: string | null
}

/** A blob, whichever repositories it is in, damaged or not. */
export const findBlobAnywhere = async (sql: Sql, digest: Digest): Promise<AnyBlob | undefined> => {
  const rows = await sql<AnyBlob>`
    SELECT digest, size, storage_key AS "storageKey", lost_at AS "lostAt" FROM blob WHERE digest = ${digest}`
  return rows[0]
}

/** All blobs by digest, after `last`. */
export const listBlobs = (sql: Sql, page: { readonly last: string; readonly limit: number }) =>
  sql<AnyBlob>`
    SELECT digest, size, storage_key AS "storageKey", lost_at AS "lostAt" FROM blob
    WHERE digest > ${page.last} ORDER BY digest LIMIT ${page.limit}`

/** Its bytes are damaged: it isn't there for clients until someone pushes it again. False when it has other bytes by now. */
export const markLost = async (sql: Sql, { digest, storageKey }: BlobRow): Promise<boolean> => {
  const rows = await sql`
    UPDATE blob SET lost_at = ${new Date()} WHERE digest = ${digest} AND storage_key = ${storageKey} RETURNING digest`
  return rows.length > 0
}

/** Whether a blob's bytes are this object. */
export const isStorageKeyInUse = async (sql: Sql, key: string): Promise<boolean> =>
  (await sql`SELECT 1 FROM blob WHERE storage_key = ${key}`).length > 0

/**
 * Makes a blob visible in a repository: it was pushed there, or mounted. Throws forbidden when the project has no room for it.
 * In a transaction.
 */
export const linkBlob = async (sql: Sql, repositoryId: number, digest: Digest): Promise<void> => {
  const linked = await sql`
    INSERT INTO repository_blob (repository_id, digest, linked_at) VALUES (${repositoryId}, ${digest}, ${new Date()})
    ON CONFLICT (repository_id, digest) DO NOTHING RETURNING digest`
  if (linked.length > 0) await countBlob(sql, repositoryId, digest)
}

export interface PushedBlob extends BlobRow {
  /** A key at which this blob was found missing or cut short: these bytes are to take its place. */
  readonly broken?: string | undefined
}

/**
 * Notes bytes that the storage now holds, and links them into a repository. Of a blob that is here already the bytes stay where
 * they are, because someone may be reading them, and the new ones go. In a transaction.
 */
export const recordBlob = async (
  sql: Sql,
  retention: Retention,
  repositoryId: number,
  { digest, size, storageKey, broken }: PushedBlob,
): Promise<void> => {
  const until = inMs(retention.unreferencedMs)
  await enqueue(sql, { kind: 'blob', key: digest, reason: 'pushed' }, until)
  const [row] = await sql<{ key: string }>`
    INSERT INTO blob (digest, size, storage_key, protected_until, created_at)
    VALUES (${digest}, ${size}, ${storageKey}, ${until}, ${new Date()})
    ON CONFLICT (digest) DO UPDATE SET protected_until = excluded.protected_until RETURNING storage_key AS key`
  const heals = row?.key === broken
  if (heals) {
    await sql`UPDATE blob SET storage_key = ${storageKey}, size = ${size}, lost_at = NULL WHERE digest = ${digest}`
  }
  const unused = heals ? broken : storageKey
  if (row?.key !== storageKey && unused !== undefined) {
    await enqueue(sql, { kind: 'object', key: unused, reason: 'superseded', size }, new Date())
  }
  await linkBlob(sql, repositoryId, digest)
}

/**
 * A client that was told "it is here" won't send it again: keeps it safe, with a write only when half of the time is over.
 * False when it isn't here.
 */
export const protectBlob = async (sql: Sql, { unreferencedMs }: Retention, digest: Digest): Promise<boolean> => {
  const halfway = inMs(unreferencedMs / 2).toISOString()
  const [row] = await sql<{
    until: string
  }>`SELECT protected_until AS until FROM blob WHERE digest = ${digest} AND lost_at IS NULL`
  if (row === undefined) return false
  if (row.until >= halfway) return true
  const kept = await sql`
    UPDATE blob SET protected_until = ${inMs(unreferencedMs)} WHERE digest = ${digest} RETURNING digest`
  return kept.length > 0
}

/**
 * As `protectBlob()`, and nobody collects it until the transaction ends. In a transaction.
 */
export const holdBlob = async (sql: Sql, retention: Retention, digest: Digest): Promise<boolean> => {
  // Many may hold it at once; the collector, which wants it for itself, has to wait.
  await sql`SELECT 1 FROM blob WHERE digest = ${digest} /*postgres: FOR KEY SHARE*/`
  return protectBlob(sql, retention, digest)
}

/** Links a blob into one more repository; false when it isn't here. In a transaction. */
export const mountBlobInto = async (
  sql: Sql,
  retention: Retention,
  repositoryId: number,
  digest: Digest,
): Promise<boolean> => {
  await enqueue(sql, { kind: 'blob', key: digest, reason: 'mounted' }, inMs(retention.unreferencedMs))
  if (!(await holdBlob(sql, retention, digest))) return false
  await linkBlob(sql, repositoryId, digest)
  return true
}

/** A repository that holds the blob, for a mount that names none. */
export const findHolders = async (sql: Sql, digest: Digest, limit: number): Promise<readonly string[]> => {
  const rows = await sql<{ name: string }>`
    SELECT repository.name FROM repository_blob
    JOIN repository ON repository.id = repository_blob.repository_id
    JOIN blob ON blob.digest = repository_blob.digest
    WHERE repository_blob.digest = ${digest} AND repository.deleted_at IS NULL AND blob.lost_at IS NULL ORDER BY repository.name LIMIT ${limit}`
  return rows.map((row) => row.name)
}

/** Whether a manifest of this repository still needs the blob; one in the trash doesn't. */
export const isBlobReferenced = async (sql: Sql, repositoryId: number, digest: Digest): Promise<boolean> => {
  const rows = await sql`
    SELECT 1 FROM manifest_reference
    JOIN manifest ON manifest.repository_id = manifest_reference.repository_id
      AND manifest.digest = manifest_reference.parent
    WHERE manifest_reference.digest = ${digest} AND manifest_reference.repository_id = ${repositoryId}
      AND manifest_reference.kind = 'blob' AND manifest.deleted_at IS NULL LIMIT 1`
  return rows.length > 0
}

/** Takes the blob out of a repository; false when it wasn't in it. The bytes go when nothing holds them any more. */
export const unlinkBlob = async (sql: Sql, repositoryId: number, digest: Digest): Promise<boolean> => {
  await enqueue(sql, { kind: 'blob', key: digest, reason: 'unlinked' }, new Date())
  const rows = await sql`
    DELETE FROM repository_blob WHERE repository_id = ${repositoryId} AND digest = ${digest} RETURNING digest`
  if (rows.length > 0) await uncountBlob(sql, repositoryId, digest)
  return rows.length > 0
}
