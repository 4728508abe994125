import { Type } from '@sinclair/typebox'
import { count, digest, moment, nullable, type Of, pageOf, wish } from './schema.ts'

/** A tag as a list shows it. */
export const TagRow = Type.Object({
  name: Type.String(),
  digest,
  mediaType: Type.String(),
  artifactType: nullable(Type.String()),
  /** What a pull of it brings; of an index, of all its platforms. */
  size: count,
  /** `linux/arm64/v8`; none: it is no image. */
  platforms: Type.Array(Type.String()),
  /** A rule of its project says that it is neither moved nor deleted. */
  isImmutable: Type.Boolean(),
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
  /** null: the tag was taken away. */
  digest: nullable(digest),
  /** What it named before; null: it was new. */
  previous: nullable(digest),
  movedBy: nullable(Type.String()),
  movedAt: moment,
  /** Whether a tag can be pointed at it (again). */
  available: Type.Boolean(),
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
