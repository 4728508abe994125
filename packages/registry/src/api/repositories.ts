import type {
  RollbackChoice,
  RolledBack,
  TagHistory,
  TagHistoryQuery,
  Trash,
  UndeleteChoice,
  Undeleted,
} from '@slipway/client/hub'
import { isTag, type Sql } from '@slipway/core'
import { accountOf } from '../access/caller.ts'
import { ociError } from '../distribution/oci-error.ts'
import { digestFrom } from '../distribution/repository-route.ts'
import { findRepository, type Repository } from '../metadata/repositories.ts'
import { rollbackTag } from '../metadata/rollback.ts'
import { listTagHistory } from '../metadata/tags.ts'
import { listTrash, trashRepository, undelete } from '../metadata/trash.ts'
import type { Registry } from '../registry.ts'
import type { Asked } from './route.ts'

const pageSize = 100

const repositoryOf = async (sql: Sql, name: string): Promise<Repository> => {
  const repository = await findRepository(sql, name)
  if (repository === undefined) throw ociError('NAME_UNKNOWN', { detail: { name } })
  return repository
}

const tagOf = ({ params }: Asked): string => {
  const tag = params['tag'] ?? ''
  if (!isTag(tag)) throw ociError('TAG_INVALID', { detail: { tag: tag.slice(0, 160) } })
  return tag
}

/** What the tag has named, the newest first. */
export const getTagHistory = async (
  asked: Asked<{ readonly query: TagHistoryQuery }>,
  { database: { sql } }: Registry,
): Promise<TagHistory> => {
  const { id: repositoryId } = await repositoryOf(sql, asked.repository)
  const page = { before: asked.query.before ?? '', limit: pageSize }
  return { history: await listTagHistory(sql, { repositoryId, name: tagOf(asked) }, page) }
}

/** To what the tag named before, or to the digest in the body. */
export const postRollback = async (
  asked: Asked<{ readonly body: RollbackChoice }>,
  { database, retention }: Registry,
): Promise<RolledBack> => {
  const digest = asked.body.digest === undefined ? undefined : digestFrom(asked.body.digest)
  const now = await database.transaction(async (sql) => {
    const { id: repositoryId } = await repositoryOf(sql, asked.repository)
    const tag = { repositoryId, name: tagOf(asked), by: accountOf(asked.caller) }
    return rollbackTag(sql, retention, { ...tag, digest })
  })
  return { digest: now }
}

/** What can be undeleted. */
export const getTrash = async ({ repository }: Asked, { database }: Registry): Promise<Trash> => ({
  manifests: await listTrash(database.sql, repository, pageSize),
})

/** The manifest in the body, or all that went with the repository. */
export const postUndelete = async (
  { repository, caller, body }: Asked<{ readonly body: UndeleteChoice }>,
  { database, retention }: Registry,
): Promise<Undeleted> => {
  const one = body.digest === undefined ? {} : { digest: digestFrom(body.digest) }
  const by = accountOf(caller)
  const digests = await database.transaction((sql) => undelete(sql, retention, { repository, by, ...one }))
  return { digests }
}

/** All of it, into the trash. */
export const deleteRepository = async (
  { repository, caller }: Asked,
  { database, retention }: Registry,
): Promise<void> => {
  await database.transaction(async (sql) => {
    const { id: repositoryId } = await repositoryOf(sql, repository)
    await trashRepository(sql, retention, { repositoryId, by: accountOf(caller) })
  })
}
