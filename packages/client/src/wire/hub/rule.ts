import { Type } from '@sinclair/typebox'
import { about, digest, moment, nullable, type Of, pageOf, wish } from './schema.ts'

const kind = Type.Union([Type.Literal('immutable'), Type.Literal('retention')], {
  description:
    'immutable: what it names is neither moved nor deleted; retention: of what it names, only that stays which it keeps',
})
const glob = Type.String({
  pattern: '^[A-Za-z0-9_.*?/-]{1,128}$',
  description: '`*` stands for any letters, `?` for one',
})

/** A rule of a project. */
export const ProjectRule = Type.Object({
  id: Type.String(),
  kind,
  repositories: about("What stands behind the project's name", glob),
  tags: glob,
  keepLatest: about(
    'So many, the newest; null: not by their number. With neither number all are kept',
    nullable(Type.Integer({ minimum: 1 })),
  ),
  keepDays: about('Those pushed in so many days; null: not by their age', nullable(Type.Integer({ minimum: 1 }))),
  createdBy: nullable(Type.String()),
  createdAt: moment,
})
export type ProjectRule = Of<typeof ProjectRule>

export const RuleList = Type.Object({ rules: Type.Array(ProjectRule) })
export type RuleList = Of<typeof RuleList>

const limits = {
  repositories: Type.Optional(glob),
  tags: Type.Optional(glob),
  keepLatest: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  keepDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 36_500 })),
}

export const NewRule = wish({ kind, ...limits })
export type NewRule = Of<typeof NewRule>

export const MadeRule = Type.Object({ id: Type.String() })
export type MadeRule = Of<typeof MadeRule>

/** One retention rule more than there are; nothing: those that there are. */
export const PlannedRule = wish({ kind: Type.Optional(kind), ...limits })
export type PlannedRule = Of<typeof PlannedRule>

/** A tag that would go, and why: one reason for each rule that names it. */
export const DoomedTag = Type.Object({
  repository: Type.String(),
  tag: Type.String(),
  digest,
  movedAt: moment,
  reasons: Type.Array(
    Type.Object({
      tags: about("The rule's pattern", Type.String()),
      rank: about('Among what the rule names, counted from the newest, which is 1', Type.Integer({ minimum: 1 })),
      keepLatest: nullable(Type.Integer()),
      days: about('How old it is', Type.Integer()),
      keepDays: nullable(Type.Integer()),
    }),
  ),
})
export type DoomedTag = Of<typeof DoomedTag>

export const RetentionPlan = pageOf('tags', DoomedTag)
export type RetentionPlan = Of<typeof RetentionPlan>

export const RetentionPlanQuery = Type.Object({
  after: Type.Optional(Type.String({ description: '`next` of the page before' })),
})
export type RetentionPlanQuery = Of<typeof RetentionPlanQuery>

export const RetentionRun = Type.Object({ tags: Type.Integer({ minimum: 0, description: 'how many went' }) })
export type RetentionRun = Of<typeof RetentionRun>
