import type { Digest, SlipwayError, Sql } from '@slipway/core'
import { ociError } from '../distribution/oci-error.ts'
import { formatSize } from '../size.ts'

/**
 * What a project has used: the bytes of the blobs that its repositories hold, each counted once, and of the manifests in each of
 * them, whatever is in the trash among them. It is kept with each that comes and goes, in the transaction of that.
 */
export interface Use {
  readonly project: string
  readonly used: number
  readonly quota: number
}

/** The refusal, in numbers. `needs`: bytes; undefined where a client doesn't tell before it has sent them all. */
export const overQuota = ({ project, used, quota }: Use, needs?: number, what = 'layer'): SlipwayError => {
  const size = needs === undefined ? 'more than what is left' : formatSize(needs)
  const message = `project ${project} has used ${formatSize(used)} of ${formatSize(quota)}; this ${what} needs ${size}`
  return ociError('DENIED', { message, detail: { project, used, quota } })
}

/** The use of a repository's project, where that has a quota and doesn't hold the blob already. */
export const findUse = async (
  sql: Sql,
  { repositoryId, digest }: { readonly repositoryId: number; readonly digest: Digest },
): Promise<Use | undefined> => {
  const [row] = await sql<Use>`
    SELECT project.name AS project, used, quota FROM repository JOIN project ON project.name = repository.project
    WHERE repository.id = ${repositoryId} AND quota IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM project_blob WHERE project_blob.project = project.name AND digest = ${digest})`
  return row
}

/** Counts a blob that one more repository holds from now on. Throws forbidden when its project has no room. In a transaction. */
export const countBlob = async (sql: Sql, repositoryId: number, digest: Digest): Promise<void> => {
  const [row] = await sql<{ project: string; links: number }>`
    INSERT INTO project_blob (project, digest, links)
    SELECT project.name, ${digest}, 1 FROM repository JOIN project ON project.name = repository.project
    WHERE repository.id = ${repositoryId}
    ON CONFLICT (project, digest) DO UPDATE SET links = project_blob.links + 1 RETURNING project, links`
  if (row === undefined || row.links !== 1) return
  const [use] = await sql<{ used: number; quota: number | null; size: number }>`
    UPDATE project SET used = used + (SELECT size FROM blob WHERE digest = ${digest}) WHERE name = ${row.project}
    RETURNING used, quota, (SELECT size FROM blob WHERE digest = ${digest}) AS size`
  if (use === undefined || use.quota === null || use.used <= use.quota) return
  throw overQuota({ project: row.project, used: use.used - use.size, quota: use.quota }, use.size)
}

/** A repository doesn't hold the blob any more, which is still known. In a transaction. */
export const uncountBlob = async (sql: Sql, repositoryId: number, digest: Digest): Promise<void> => {
  const [row] = await sql<{ project: string; links: number }>`
    UPDATE project_blob SET links = links - 1
    WHERE digest = ${digest} AND project = (SELECT project FROM repository WHERE id = ${repositoryId})
    RETURNING project, links`
  if (row === undefined || row.links > 0) return
  await sql`DELETE FROM project_blob WHERE project = ${row.project} AND digest = ${digest}`
  await sql`
    UPDATE project SET used = used - (SELECT size FROM blob WHERE digest = ${digest}) WHERE name = ${row.project}`
}

/** Counts a manifest that is new in a repository. Throws forbidden when its project has no room. In a transaction. */
export const countManifest = async (sql: Sql, repositoryId: number, size: number): Promise<void> => {
  const [use] = await sql<{ project: string; used: number; quota: number | null }>`
    UPDATE project SET used = used + ${size} WHERE name = (SELECT project FROM repository WHERE id = ${repositoryId})
    RETURNING name AS project, used, quota`
  if (use === undefined || use.quota === null || use.used <= use.quota) return
  throw overQuota({ project: use.project, used: use.used - size, quota: use.quota }, size, 'manifest')
}

/** A manifest isn't in the repository any more. In a transaction. */
export const uncountManifest = async (sql: Sql, repositoryId: number, size: number): Promise<void> => {
  await sql`
    UPDATE project SET used = used - ${size} WHERE name = (SELECT project FROM repository WHERE id = ${repositoryId})`
}

/** Counts it all anew. In a transaction. */
export const recountUse = async (sql: Sql, project: string): Promise<void> => {
  await sql`SELECT 1 FROM project WHERE name = ${project} /*postgres: FOR UPDATE*/`
  await sql`DELETE FROM project_blob WHERE project = ${project}`
  await sql`
    INSERT INTO project_blob (project, digest, links)
    SELECT repository.project, repository_blob.digest, count(*) FROM repository
    JOIN repository_blob ON repository_blob.repository_id = repository.id
    WHERE repository.project = ${project} GROUP BY repository.project, repository_blob.digest`
  await sql`
    UPDATE project SET used = COALESCE((SELECT sum(blob.size) FROM project_blob
      JOIN blob ON blob.digest = project_blob.digest WHERE project_blob.project = project.name), 0)
      + COALESCE((SELECT sum(manifest.size) FROM repository
        JOIN manifest ON manifest.repository_id = repository.id WHERE repository.project = project.name), 0)
    WHERE name = ${project}`
}

/** Projects whose count isn't what they hold, as one look at it all says. */
export const findWrongUse = async (sql: Sql): Promise<readonly string[]> => {
  const rows = await sql<{ name: string }>`
    SELECT name FROM project WHERE used <> COALESCE((
      SELECT sum(blob.size) FROM blob WHERE blob.digest IN (
        SELECT repository_blob.digest FROM repository
        JOIN repository_blob ON repository_blob.repository_id = repository.id
        WHERE repository.project = project.name)), 0)
      + COALESCE((SELECT sum(manifest.size) FROM repository
        JOIN manifest ON manifest.repository_id = repository.id WHERE repository.project = project.name), 0)
    OR (SELECT COALESCE(sum(links), 0) FROM project_blob WHERE project_blob.project = project.name) <> (
        SELECT count(*) FROM repository
        JOIN repository_blob ON repository_blob.repository_id = repository.id
        WHERE repository.project = project.name)
    ORDER BY name`
  return rows.map(({ name }) => name)
}
