import { readJson, sendEmpty, sendJson } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { parseActions } from '../access/pattern.ts'
import { ociError } from '../distribution/oci-error.ts'
import { parseDuration } from '../duration.ts'
import { descriptionFrom, robotBody, roleBody } from './bodies.ts'
import { listMembers, type Member, removeMember, setMember } from './members.ts'
import type { ProjectHandler, ProjectRequest } from './project-route.ts'
import { addProjectRobot, listProjectRobots, removeProjectRobot, renewRobotSecret } from './robots.ts'
import { roleFrom } from './roles.ts'

/** `GET …/members` */
export const getMembers: ProjectHandler = async ({ project }, response, { database: { sql } }) =>
  sendJson(response, 200, { members: await listMembers(sql, project) })

const memberOf = ({ params }: ProjectRequest): Member => {
  const { kind, name = '' } = params
  if (kind === 'account' || kind === 'team') return { kind, name }
  throw ociError('NOT_FOUND')
}

/** `PUT …/members/account/ann` `{"role": "developer"}`, `…/members/team/ops`. */
export const putMember: ProjectHandler = async (request, response, { database }) => {
  const { role } = (await readJson(request, roleBody)) ?? {}
  const [member, wanted] = [memberOf(request), roleFrom(role)]
  await database.transaction((sql) => setMember(sql, request.project, member, wanted))
  sendEmpty(response, 204)
}

/** `DELETE …/members/account/ann` */
export const deleteMember: ProjectHandler = async (request, response, { database }) => {
  await database.transaction((sql) => removeMember(sql, request.project, memberOf(request)))
  sendEmpty(response, 204)
}

/** `GET …/robots` */
export const getRobots: ProjectHandler = async ({ project }, response, { database: { sql } }) =>
  sendJson(response, 200, { robots: await listProjectRobots(sql, project) })

const after = (duration: string | undefined): Date | undefined =>
  duration === undefined ? undefined : new Date(Date.now() + parseDuration(duration))

/** `POST …/robots` `{"name": "ci", "actions": "pull,push", "expiresIn": "90d"}`: the answer is the only one with its secret. */
export const postRobot: ProjectHandler = async (request, response, { database }) => {
  const { name = '', description, actions = 'pull', expiresIn } = (await readJson(request, robotBody)) ?? {}
  const wanted = {
    project: request.project,
    name,
    description: descriptionFrom(description),
    actions: parseActions(actions),
    expiresAt: after(expiresIn),
    by: accountOf(request.caller),
  }
  const made = await database.transaction((sql) => addProjectRobot(sql, wanted))
  sendJson(response, 201, made, { 'Cache-Control': 'no-store' })
}

/** `DELETE …/robots/team+ci` */
export const deleteRobot: ProjectHandler = async ({ project, params }, response, { database }) => {
  await database.transaction((sql) => removeProjectRobot(sql, project, params['robot'] ?? ''))
  sendEmpty(response, 204)
}

/** `POST …/robots/team+ci/secret` `{"expiresIn": "90d"}`: a new one, told once; the old one ends. */
export const postSecret: ProjectHandler = async (request, response, { database }) => {
  const { expiresIn } = (await readJson(request, robotBody)) ?? {}
  const robot = { project: request.project, name: request.params['robot'] ?? '', expiresAt: after(expiresIn) }
  const secret = await database.transaction((sql) => renewRobotSecret(sql, robot))
  sendJson(response, 201, { name: robot.name, secret }, { 'Cache-Control': 'no-store' })
}
