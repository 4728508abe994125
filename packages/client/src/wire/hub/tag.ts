import { Type } from '@sinclair/typebox'
import { about, count, digest, moment, nullable, type Of, pageOf, wish } from './schema.ts'

/** A tag as a list shows it. */
export const TagRow = Type.Object({
  name: Type.String(),
  digest,
  mediaType: Type.String(),
  artifactType: nullable(Type.String()),
  size: about('What a pull of it brings; of an index, of all its platforms', count),
  platforms: about('`linux/arm64/v8`; none: it is no image', Type.Array(Type.String())),
  isImmutable: about('A rule of its project says that it is neither moved nor deleted', Type.Boolean()),
  movedBy: nullable(Type.String()),
  movedAt: moment,
})
export type TagRow = Of<typeof TagRow>

export const TagList = pageOf('tags', TagRow)
export type TagList = Of<typeof TagList>

export const TagListQuery = Type.Object({
  after: Type.Optional(Type.String({ description: '`next` of the page before' })),
})
export type TagListQuery = Of<typeof TagListQuery>

/** What a tag named once. */
export const TagMoveRow = Type.Object({
  digest: about('null: the tag was taken away', nullable(digest)),
  previous: about('What it named before; null: it was new', nullable(digest)),
  movedBy: nullable(Type.String()),
  movedAt: moment,
  available: about('Whether a tag can be pointed at it (again)', Type.Boolean()),
})
export type TagMoveRow = Of<typeof TagMoveRow>

export const TagHistory = Type.Object({ history: Type.Array(TagMoveRow) })
export type TagHistory = Of<typeof TagHistory>

export const TagHistoryQuery = Type.Object({
  before: Type.Optional(Type.String({ description: '`movedAt` of the last one of the page before' })),
})
export type TagHistoryQuery = Of<typeof TagHistoryQuery>

/** Nothing: what the tag named before. */
export const RollbackChoice = wish({ digest: Type.Optional(Type.String({ maxLength: 160 })) })
export type RollbackChoice = Of<typeof RollbackChoice>

export const RolledBack = Type.Object({ digest })
export type RolledBack = Of<typeof RolledBack>
