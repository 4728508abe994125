import { Type } from '@sinclair/typebox'
import { about, actions, count, moment, nullable, type Of, pageOf, visibility, wish } from './schema.ts'

/** What a member is, the least first. */
export const ProjectRole = Type.Union([
  Type.Literal('guest'),
  Type.Literal('developer'),
  Type.Literal('maintainer'),
  Type.Literal('owner'),
])
export type ProjectRole = Of<typeof ProjectRole>

const row = {
  name: Type.String(),
  description: Type.String(),
  visibility,
  createdAt: moment,
  repositories: about('How many it has, the deleted ones not counted', count),
  used: about(
    'The blobs of all its repositories, each counted once, and their manifests, those of deleted images too until the trash is emptied; null for who may not know',
    nullable(count),
  ),
  quota: about('null: no limit, or not for who asks', nullable(count)),
}

/** A project as a list shows it. */
export const ProjectRow = Type.Object(row)
export type ProjectRow = Of<typeof ProjectRow>

export const ProjectList = pageOf('projects', ProjectRow)
export type ProjectList = Of<typeof ProjectList>

export const ProjectSearch = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 128, description: 'what the name or the description holds' })),
  mine: Type.Optional(Type.Boolean({ description: 'only those in which the caller has a right' })),
  after: Type.Optional(Type.String({ description: '`next` of the page before' })),
})
export type ProjectSearch = Of<typeof ProjectSearch>

/** A project's own page, and what the caller may do there. */
export const ProjectPage = Type.Object({
  ...row,
  mayPush: about('By who asks; so are those below', Type.Boolean()),
  mayMaintain: about('Rules, robots and webhooks', Type.Boolean()),
  mayOwn: about('Members, settings, and its end', Type.Boolean()),
  maySetQuota: about('The quota: for who manages the registry', Type.Boolean()),
  edition: about('Goes back with a change, so that two who edit don’t overwrite each other', count),
})
export type ProjectPage = Of<typeof ProjectPage>

const description = Type.Optional(Type.String({ maxLength: 250 }))

export const NewProject = wish({ name: Type.String(), description, visibility: Type.Optional(visibility) })
export type NewProject = Of<typeof NewProject>

/** What is missing stays as it is. */
export const ProjectEdit = wish({
  description,
  visibility: Type.Optional(visibility),
  edition: Type.Optional(about('The one that was edited; without it, whatever is there is changed', count)),
})
export type ProjectEdit = Of<typeof ProjectEdit>

/** 0, or nothing: no limit. */
export const QuotaChoice = wish({
  quota: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'in bytes' })),
})
export type QuotaChoice = Of<typeof QuotaChoice>

export const ProjectMember = Type.Object({
  kind: Type.Union([Type.Literal('account'), Type.Literal('team')]),
  name: Type.String(),
  role: ProjectRole,
  addedAt: moment,
})
export type ProjectMember = Of<typeof ProjectMember>

export const MemberList = pageOf('members', ProjectMember)
export type MemberList = Of<typeof MemberList>

export const RoleChoice = wish({ role: ProjectRole })
export type RoleChoice = Of<typeof RoleChoice>

/** A robot of a project; its secret is told only when it is made. */
export const ProjectRobot = Type.Object({
  name: about('What it logs in as: `team+ci`', Type.String()),
  description: Type.String(),
  rights: about('`team/**:pull,push`', Type.String()),
  createdBy: nullable(Type.String()),
  createdAt: moment,
  expiresAt: about('null: never', nullable(moment)),
  usedAt: nullable(moment),
})
export type ProjectRobot = Of<typeof ProjectRobot>

export const RobotList = Type.Object({ robots: Type.Array(ProjectRobot) })
export type RobotList = Of<typeof RobotList>

const expiresIn = Type.Optional(Type.String({ maxLength: 32, description: '`30d`, `12h`; missing: never' }))

export const NewRobot = wish({ name: Type.String(), description, actions: Type.Optional(actions), expiresIn })
export type NewRobot = Of<typeof NewRobot>

export const NewRobotSecret = wish({ expiresIn })
export type NewRobotSecret = Of<typeof NewRobotSecret>

export const MadeRobot = Type.Object({ name: Type.String(), secret: Type.String() })
export type MadeRobot = Of<typeof MadeRobot>
