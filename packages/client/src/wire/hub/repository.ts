import { Type } from '@sinclair/typebox'
import { about, count, digest, moment, nullable, type Of, pageOf, visibility, wish } from './schema.ts'

const card = {
  name: Type.String(),
  description: Type.String(),
  stars: count,
  pulls: about('Images that were fetched, some seconds behind', count),
  official: Type.Boolean(),
  automated: Type.Boolean(),
  visibility,
}

/** A repository as a list shows it. */
export const RepositoryCard = Type.Object({
  ...card,
  pushedAt: about('When something was pushed last', moment),
})
export type RepositoryCard = Of<typeof RepositoryCard>

export const RepositoryList = pageOf('repositories', RepositoryCard)
export type RepositoryList = Of<typeof RepositoryList>

export const RepositorySearch = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 256, description: 'what the name or the description holds' })),
  project: Type.Optional(Type.String({ description: 'only those in it' })),
  after: Type.Optional(Type.String({ description: '`next` of the page before' })),
})
export type RepositorySearch = Of<typeof RepositorySearch>

/** A repository's own page, and what the caller may do there. */
export const RepositoryPage = Type.Object({
  ...card,
  readme: about('Markdown', Type.String()),
  edition: about('To be sent back with an edit', count),
  createdAt: moment,
  project: about('null: it is in none that has been made', nullable(Type.String())),
  pulledAt: about('null: nobody has pulled from it yet', nullable(moment)),
  tags: count,
  size: about('Of all its blobs, each counted once; others may have them too', count),
  starred: about('By who asks; so are those below', Type.Boolean()),
  mayPush: Type.Boolean(),
  mayDelete: Type.Boolean(),
  mayManage: Type.Boolean(),
  mayBadge: about('The official badge: for who manages the registry', Type.Boolean()),
  last: about('Where the live feed goes on: all that came up to it is in this answer', count),
})
export type RepositoryPage = Of<typeof RepositoryPage>

/** What is missing stays as it is. */
export const RepositoryEdit = wish({
  description: Type.Optional(Type.String({ maxLength: 250 })),
  readme: Type.Optional(Type.String({ maxLength: 256 * 1024, description: 'Markdown' })),
  edition: Type.Integer({ minimum: 0, description: 'the one that was edited: a newer one is not written over' }),
})
export type RepositoryEdit = Of<typeof RepositoryEdit>

export const VisibilityChoice = wish({ visibility })
export type VisibilityChoice = Of<typeof VisibilityChoice>

export const OfficialChoice = wish({ official: Type.Boolean() })
export type OfficialChoice = Of<typeof OfficialChoice>

/** A manifest in the trash. */
export const TrashedRow = Type.Object({
  digest,
  mediaType: Type.String(),
  size: count,
  deletedBy: nullable(Type.String()),
  deletedAt: moment,
})
export type TrashedRow = Of<typeof TrashedRow>

export const Trash = Type.Object({ manifests: Type.Array(TrashedRow) })
export type Trash = Of<typeof Trash>

/** Nothing: all that was deleted together with the repository. */
export const UndeleteChoice = wish({ digest: Type.Optional(Type.String({ maxLength: 160 })) })
export type UndeleteChoice = Of<typeof UndeleteChoice>

export const Undeleted = Type.Object({ digests: Type.Array(digest) })
export type Undeleted = Of<typeof Undeleted>
