import { type Digest, isTag, type Sql } from '@slipway/core'
import { readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { ociError } from '../distribution/oci-error.ts'
import { digestFrom, type RepositoryHandler, type RepositoryRequest } from '../distribution/repository-route.ts'
import { findRepository, type Repository } from '../metadata/repositories.ts'
import { rollbackTag } from '../metadata/rollback.ts'
import { listTagHistory } from '../metadata/tags.ts'
import { listTrash, trashRepository, undelete } from '../metadata/trash.ts'

const pageSize = 100

const repositoryOf = async (sql: Sql, name: string): Promise<Repository> => {
  const repository = await findRepository(sql, name)
  if (repository === undefined) throw ociError('NAME_UNKNOWN', { detail: { name } })
  return repository
}

const tagOf = ({ params }: RepositoryRequest): string => {
  const tag = params['tag'] ?? ''
  if (!isTag(tag)) throw ociError('TAG_INVALID', { detail: { tag: tag.slice(0, 160) } })
  return tag
}

const digestBody = { shape: shape.object<{ readonly digest?: string }>('Digest', { digest: shape.text() }) }

/** `{"digest": "sha256:…"}`, or nothing. */
const digestIn = async (request: RepositoryRequest): Promise<Digest | undefined> => {
  const body = await readJson(request, digestBody)
  return body?.digest === undefined ? undefined : digestFrom(body.digest)
}

/** `GET …/tags/{tag}/history?before=`: what the tag has named, the newest first. */
export const getTagHistory: RepositoryHandler = async (request, response, { database: { sql } }) => {
  const { id: repositoryId } = await repositoryOf(sql, request.repository)
  const page = { before: request.query.get('before') ?? '', limit: pageSize }
  sendJson(response, 200, { history: await listTagHistory(sql, { repositoryId, name: tagOf(request) }, page) })
}

/** `POST …/tags/{tag}/rollback`: to what it named before, or to the digest in the body. */
export const postRollback: RepositoryHandler = async (request, response, { database, retention }) => {
  const digest = await digestIn(request)
  const now = await database.transaction(async (sql) => {
    const { id: repositoryId } = await repositoryOf(sql, request.repository)
    const tag = { repositoryId, name: tagOf(request), by: accountOf(request.caller) }
    return rollbackTag(sql, retention, { ...tag, digest })
  })
  sendJson(response, 200, { digest: now })
}

/** `GET …/trash`: what can be undeleted. */
export const getTrash: RepositoryHandler = async (request, response, { database }) => {
  sendJson(response, 200, { manifests: await listTrash(database.sql, request.repository, pageSize) })
}

/** `POST …/undelete`: the manifest in the body, or all that went with the repository. */
export const postUndelete: RepositoryHandler = async (request, response, { database, retention }) => {
  const digest = await digestIn(request)
  const [repository, by] = [request.repository, accountOf(request.caller)]
  const restored = await database.transaction((sql) =>
    undelete(sql, retention, { repository, by, ...(digest === undefined ? {} : { digest }) }),
  )
  sendJson(response, 200, { digests: restored })
}

/** `DELETE` of a repository: all of it, into the trash. */
export const deleteRepository: RepositoryHandler = async (request, response, { database, retention }) => {
  await database.transaction(async (sql) => {
    const { id: repositoryId } = await repositoryOf(sql, request.repository)
    await trashRepository(sql, retention, { repositoryId, by: accountOf(request.caller) })
  })
  sendEmpty(response, 202, { 'Content-Length': 0 })
}
