import { type Digest, invalid, isDigest, isRepositoryName, isTag, notFound } from '@slipway/core'
import { setVisibility } from '../access/visibility.ts'
import { describeRepository, findRepository } from '../metadata/repositories.ts'
import { rollbackTag } from '../metadata/rollback.ts'
import { listTagHistory } from '../metadata/tags.ts'
import { listTrash, trashRepository, undelete } from '../metadata/trash.ts'
import type { Administration, Verb } from './verb.ts'

const linesShown = 100

const nameFrom = (text: string): string => {
  if (!isRepositoryName(text)) throw invalid(`invalid repository name ${JSON.stringify(text)}`)
  return text
}

const tagFrom = (text: string): string => {
  if (!isTag(text)) throw invalid(`invalid tag ${JSON.stringify(text)}`)
  return text
}

const digestFrom = (text: string | undefined): Digest | undefined => {
  if (text !== undefined && !isDigest(text)) throw invalid(`invalid digest ${JSON.stringify(text)}`)
  return text
}

const repositoryId = async ({ sql }: Pick<Administration, 'sql'>, name: string): Promise<number> => {
  const repository = await findRepository(sql, nameFrom(name))
  if (repository === undefined) throw notFound('repository', name)
  return repository.id
}

const describe = ({ sql }: Administration, name = '', text = ''): Promise<void> =>
  describeRepository(sql, nameFrom(name), text)

const history = async ({ sql, print }: Administration, repository = '', name = ''): Promise<void> => {
  const tag = { repositoryId: await repositoryId({ sql }, repository), name: tagFrom(name) }
  for (const move of await listTagHistory(sql, tag, { before: '', limit: linesShown })) {
    const state = move.digest !== null && !move.available ? 'collected' : ''
    print([move.movedAt, move.digest ?? 'taken away', move.movedBy ?? '', state].join('\t').trimEnd())
  }
}

const rollback = async (tools: Administration, repository = '', name = '', text?: string): Promise<void> => {
  const digest = digestFrom(text)
  const now = await tools.database.transaction(async (sql) => {
    const tag = { repositoryId: await repositoryId({ sql }, repository), name: tagFrom(name), by: null }
    return rollbackTag(sql, tools.retention, { ...tag, digest })
  })
  tools.print(now)
}

const remove = ({ database, retention }: Administration, repository = ''): Promise<void> =>
  database.transaction(async (sql) => {
    await trashRepository(sql, retention, { repositoryId: await repositoryId({ sql }, repository), by: null })
  })

const trash = async ({ sql, print }: Administration, repository = ''): Promise<void> => {
  for (const { digest, size, deletedAt, deletedBy } of await listTrash(sql, nameFrom(repository), linesShown)) {
    print([deletedAt, digest, size, deletedBy ?? ''].join('\t').trimEnd())
  }
}

const restore = async ({ database, retention, print }: Administration, name = '', text?: string): Promise<void> => {
  const [repository, digest] = [nameFrom(name), digestFrom(text)]
  const wanted = { repository, by: null, ...(digest === undefined ? {} : { digest }) }
  for (const restored of await database.transaction((sql) => undelete(sql, retention, wanted))) print(restored)
}

const changeVisibility = ({ sql }: Administration, name = '', visibility = ''): Promise<void> => {
  if (visibility !== 'public' && visibility !== 'private') throw invalid('a repository is public or private')
  return setVisibility(sql, nameFrom(name), visibility)
}

export const repositoryVerbs: readonly Verb[] = [
  {
    words: ['repository', 'describe'],
    arguments: 'NAME TEXT',
    about: 'set the description that search shows',
    run: describe,
    deed: (repository) => ({ action: 'repository.describe', repository }),
  },
  {
    words: ['repository', 'visibility'],
    arguments: 'NAME VISIBILITY',
    about: 'public: everyone may pull; private: only who was granted it',
    run: changeVisibility,
    deed: (repository, detail) => ({ action: 'visibility.change', repository, detail }),
  },
  {
    words: ['repository', 'delete'],
    arguments: 'NAME',
    about: 'put a repository into the trash',
    run: remove,
    deed: (repository) => ({ action: 'repository.delete', repository }),
  },
  { words: ['repository', 'trash'], arguments: 'NAME', about: 'list what can be undeleted', run: trash },
  {
    words: ['undelete'],
    arguments: 'NAME [DIGEST]',
    about: 'take a repository, or one of its manifests, out of the trash',
    run: restore,
    deed: (repository, subject) => ({ action: 'undelete', repository, subject }),
  },
  { words: ['tag', 'history'], arguments: 'NAME TAG', about: 'what a tag has named, the newest first', run: history },
  {
    words: ['tag', 'rollback'],
    arguments: 'NAME TAG [DIGEST]',
    about: 'point a tag at what it named before, or at a digest',
    run: rollback,
    deed: (repository, subject, detail) => ({ action: 'tag.rollback', repository, subject, detail }),
  },
]
