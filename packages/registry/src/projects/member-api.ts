import type { ServerResponse } from 'node:http'
import type {
  MadeRobot,
  MemberList,
  NewRobot,
  NewRobotSecret,
  PageQuery,
  RobotList,
  RoleChoice,
} from '@slipway/client/hub'
import { invalid } from '@slipway/core'
import { accountOf } from '../access/caller.ts'
import { parseActions } from '../access/pattern.ts'
import { pageFrom, pageSize } from '../api/page.ts'
import type { Asked } from '../api/route.ts'
import { ociError } from '../distribution/oci-error.ts'
import { parseDuration } from '../duration.ts'
import type { Registry } from '../registry.ts'
import { descriptionFrom } from './description.ts'
import { listMembers, type Member, removeMember, setMember } from './members.ts'
import { addProjectRobot, listProjectRobots, removeProjectRobot, renewRobotSecret } from './robots.ts'

/** What a page ends with, in the words of the paths below: `account/ann`. */
const cursorOf = ({ kind, name }: Member): string => `${kind}/${name}`

const memberFrom = (cursor: string): Member => {
  const [, kind, name = ''] = /^(account|team)\/(.+)$/.exec(cursor) ?? []
  if (kind !== undefined) return { kind: kind as Member['kind'], name }
  throw invalid('invalid query.after: not what a page ended with')
}

export const getMembers = async (
  { project, query: { after } }: Asked<{ readonly query: PageQuery }>,
  { database: { sql } }: Registry,
): Promise<MemberList> => {
  const page = { after: after === undefined ? undefined : memberFrom(after), limit: pageSize + 1 }
  const { rows, next } = pageFrom(await listMembers(sql, project, page), cursorOf)
  return { members: rows, next }
}

const memberOf = ({ params }: Asked): Member => {
  const { kind, name = '' } = params
  if (kind === 'account' || kind === 'team') return { kind, name }
  throw ociError('NOT_FOUND')
}

/** `…/members/account/ann`, `…/members/team/ops`. */
export const putMember = async (asked: Asked<{ readonly body: RoleChoice }>, { database }: Registry): Promise<void> => {
  const [member, { role }] = [memberOf(asked), asked.body]
  await database.transaction((sql) => setMember(sql, asked.project, member, role))
}

export const deleteMember = async (asked: Asked, { database }: Registry): Promise<void> =>
  database.transaction((sql) => removeMember(sql, asked.project, memberOf(asked)))

export const getRobots = async ({ project }: Asked, { database: { sql } }: Registry): Promise<RobotList> => ({
  robots: await listProjectRobots(sql, project),
})

const after = (duration: string | undefined): Date | undefined =>
  duration === undefined ? undefined : new Date(Date.now() + parseDuration(duration))

/** The answer is the only one with its secret. */
export const postRobot = async (
  { project, caller, body }: Asked<{ readonly body: NewRobot }>,
  { database }: Registry,
  response: ServerResponse,
): Promise<MadeRobot> => {
  const wanted = {
    project,
    name: body.name,
    description: descriptionFrom(body.description),
    actions: parseActions(body.actions ?? 'pull'),
    expiresAt: after(body.expiresIn),
    by: accountOf(caller),
  }
  const made = await database.transaction((sql) => addProjectRobot(sql, wanted))
  response.setHeader('Cache-Control', 'no-store')
  return made
}

/** `…/robots/team+ci` */
export const deleteRobot = async ({ project, params }: Asked, { database }: Registry): Promise<void> =>
  database.transaction((sql) => removeProjectRobot(sql, project, params['robot'] ?? ''))

/** A new one, told once; the old one ends. */
export const postSecret = async (
  { project, params, body }: Asked<{ readonly body: NewRobotSecret }>,
  { database }: Registry,
  response: ServerResponse,
): Promise<MadeRobot> => {
  const robot = { project, name: params['robot'] ?? '', expiresAt: after(body.expiresIn) }
  const secret = await database.transaction((sql) => renewRobotSecret(sql, robot))
  response.setHeader('Cache-Control', 'no-store')
  return { name: robot.name, secret }
}
