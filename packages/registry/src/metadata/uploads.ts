import { randomUUID } from 'node:crypto'
import type { Sql } from '@slipway/core'
import type { Use } from '../projects/use.ts'

/** An upload that was begun. Its id is also the `ref` of the content store's ingest, which knows how far it has come. */
export interface Upload {
  readonly id: string
  readonly repositoryId: number
  /** What its project has used of its quota, if it has one. */
  readonly use?: Use | undefined
}

/** An upload that nobody has touched for so long is over. */
export const uploadLifeMs = 24 * 60 * 60 * 1000
const expiry = (): Date => new Date(Date.now() + uploadLifeMs)

export const beginUpload = async (sql: Sql, repositoryId: number, by: string | null): Promise<Upload> => {
  const id = randomUUID()
  await sql`
    INSERT INTO upload (id, repository_id, started_by, started_at, expires_at)
    VALUES (${id}, ${repositoryId}, ${by}, ${new Date()}, ${expiry()})`
  return { id, repositoryId }
}

/** Found only in the repository it was begun in. */
export const findUpload = async (sql: Sql, repository: string, id: string): Promise<Upload | undefined> => {
  const [row] = await sql<{ repositoryId: number } & { readonly [name in keyof Use]: Use[name] | null }>`
    SELECT upload.repository_id AS "repositoryId", project.name AS project, used, quota
    FROM upload JOIN repository ON repository.id = upload.repository_id
    LEFT JOIN project ON project.name = repository.project AND quota IS NOT NULL
    WHERE upload.id = ${id} AND repository.name = ${repository} AND upload.expires_at > ${new Date()}`
  if (row === undefined) return undefined
  const { repositoryId, project, used, quota } = row
  const isLimited = project !== null && used !== null && quota !== null
  return { id, repositoryId, ...(isLimited ? { use: { project, used, quota } } : {}) }
}

/** Someone is at work on it: it lives on. Written at most once an hour. */
export const touchUpload = async (sql: Sql, id: string): Promise<void> => {
  const due = new Date(Date.now() + uploadLifeMs - 60 * 60 * 1000)
  const rows = await sql`SELECT 1 FROM upload WHERE id = ${id} AND expires_at < ${due}`
  if (rows.length > 0) await sql`UPDATE upload SET expires_at = ${expiry()} WHERE id = ${id}`
}

export const endUpload = async (sql: Sql, id: string): Promise<void> => {
  await sql`DELETE FROM upload WHERE id = ${id}`
}

export const isUploadLive = async (sql: Sql, id: string, now: Date): Promise<boolean> =>
  (await sql`SELECT 1 FROM upload WHERE id = ${id} AND expires_at > ${now}`).length > 0

export const dropExpiredUploads = async (sql: Sql, now: Date): Promise<void> => {
  await sql`DELETE FROM upload WHERE expires_at <= ${now}`
}
