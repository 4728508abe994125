import type { RepositoryPage } from '@slipway/client'
import type { Sql } from '@slipway/core'
import { readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { type Caller, callerMay } from '../access/caller.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { RepositoryHandler } from '../distribution/repository-route.ts'
import type { Registry } from '../registry.ts'
import { isStarredBy } from './stars.ts'

type Written = Omit<
  RepositoryPage,
  'official' | 'automated' | 'tags' | 'size' | 'starred' | 'mayPush' | 'mayDelete' | 'mayManage'
>

interface PageRow extends Written {
  readonly id: number
  readonly official: number | boolean
  readonly automated: number | boolean
}

const longestDescription = 250
const longestReadme = 256 * 1024

const findPage = async (sql: Sql, name: string, fallback: string) => {
  const rows = await sql<PageRow>`
    SELECT id, repository.name, repository.description, readme, edition, stars, official, automated,
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
})

/** `GET …/-/summary`: the repository's page, and what the caller may do there. */
export const getSummary: RepositoryHandler = async ({ repository, caller }, response, registry) => {
  const { sql } = registry.database
  const { id, ...page } = await findPage(sql, repository, registry.settings.visibility)
  const summary: RepositoryPage = {
    ...page,
    official: Boolean(page.official),
    automated: Boolean(page.automated),
    starred: await isStarredBy(sql, caller, id),
    ...(await rightsOf(registry, caller, repository)),
  }
  sendJson(response, 200, summary)
}

const editBody = {
  shape: shape.object<{ readonly description?: string; readonly readme?: string; readonly edition?: number }>('Edit', {
    description: shape.text(),
    readme: shape.text(),
    edition: shape.integer('int64', { minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  }),
}

const checkLength = (what: string, text: string, longest: number): void => {
  if (text.length > longest) {
    throw ociError('REQUEST_INVALID', { message: `the ${what} is longer than ${longest} characters` })
  }
}

/** `PUT …/-/summary`: description and README. Of two who edit the same edition the second is told so: nothing is lost. */
export const putSummary: RepositoryHandler = async (request, response, { database: { sql } }) => {
  const {
    description = '',
    readme = '',
    edition = 0,
  } = (await readJson(request, editBody, { limit: 4 * longestReadme })) ?? {}
  checkLength('description', description, longestDescription)
  checkLength('README', readme, longestReadme)
  const rows = await sql`
    UPDATE repository SET description = ${description.replace(/\s+/g, ' ').trim()}, readme = ${readme},
      edition = edition + 1
    WHERE name = ${request.repository} AND deleted_at IS NULL AND edition = ${edition} RETURNING edition`
  if (rows.length === 0) {
    throw ociError('REQUEST_INVALID', { status: 409, message: 'somebody else has edited this page meanwhile' })
  }
  sendEmpty(response, 204)
}
