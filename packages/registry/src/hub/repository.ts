import type { RepositoryEdit, RepositoryPage } from '@slipway/client/hub'
import type { Sql } from '@slipway/core'
import { type Caller, callerMay, callerMayEverywhere } from '../access/caller.ts'
import { editedMeanwhile } from '../api/edited-meanwhile.ts'
import type { Asked } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { isStarredBy } from './stars.ts'

type Written = Omit<
  RepositoryPage,
  'official' | 'automated' | 'tags' | 'size' | 'starred' | 'mayPush' | 'mayDelete' | 'mayManage' | 'mayBadge' | 'last'
>

interface PageRow extends Written {
  readonly id: number
  readonly official: number | boolean
  readonly automated: number | boolean
}

const findPage = async (sql: Sql, name: string, fallback: string) => {
  const rows = await sql<PageRow>`
    SELECT id, repository.name, repository.description, readme, repository.edition, stars, official, automated,
      pulls, pulled_at AS "pulledAt", project.name AS project,
      COALESCE(repository.visibility, project.visibility, ${fallback}) AS visibility,
      repository.created_at AS "createdAt"
    FROM repository LEFT JOIN project ON project.name = repository.project
    WHERE repository.name = ${name} AND deleted_at IS NULL`
  const [row] = rows
  if (row === undefined) throw ociError('NAME_UNKNOWN', { detail: { name } })
  const [counted] = await sql<{ tags: number; size: number | null }>`
    SELECT (SELECT count(*) FROM tag WHERE repository_id = ${row.id}) AS tags,
      (SELECT sum(blob.size) FROM repository_blob JOIN blob ON blob.digest = repository_blob.digest
        WHERE repository_blob.repository_id = ${row.id}) AS size`
  return { ...row, tags: Number(counted?.tags ?? 0), size: Number(counted?.size ?? 0) }
}

const rightsOf = async (registry: Registry, caller: Caller, name: string) => ({
  mayPush: await callerMay(registry, caller, 'push', name),
  mayDelete: await callerMay(registry, caller, 'delete', name),
  mayManage: await callerMay(registry, caller, 'manage', name),
  mayBadge: await callerMayEverywhere(registry, caller, 'manage'),
})

/** The repository's page, and what the caller may do there. */
export const getSummary = async ({ repository, caller }: Asked, registry: Registry): Promise<RepositoryPage> => {
  const { sql } = registry.database
  // Before all else is read: what comes meanwhile is told once more, and not missed.
  const last = await registry.feed.catchUp()
  const { id, ...page } = await findPage(sql, repository, registry.settings.visibility)
  return {
    ...page,
    official: Boolean(page.official),
    automated: Boolean(page.automated),
    starred: await isStarredBy(sql, caller, id),
    ...(await rightsOf(registry, caller, repository)),
    last,
  }
}

/** Description and README. Of two who edit the same edition the second is told so: nothing is lost. */
export const putSummary = async (
  { repository, body: { description, readme, edition } }: Asked<{ readonly body: RepositoryEdit }>,
  { database: { sql } }: Registry,
): Promise<void> => {
  const line = description?.replace(/\s+/g, ' ').trim()
  const rows = await sql`
    UPDATE repository SET description = COALESCE(${line ?? null}, description),
      readme = COALESCE(${readme ?? null}, readme), edition = edition + 1
    WHERE name = ${repository} AND deleted_at IS NULL AND edition = ${edition} RETURNING edition`
  if (rows.length === 0) throw editedMeanwhile()
}
