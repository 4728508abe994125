import type { ServerResponse } from 'node:http'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { managed } from '../access/manager.ts'
import { hasAccounts } from '../accounts/records.ts'
import { ociError } from '../distribution/oci-error.ts'
import { descriptionFrom } from '../projects/bodies.ts'
import type { Registry } from '../registry.ts'
import { addTeam, joinTeam, leaveTeam, listTeams, removeTeam } from './records.ts'

type Handler = (request: ApiRequest, response: ServerResponse, registry: Registry) => Promise<void>

const teamBody = {
  shape: shape.object<{ readonly name?: string; readonly description?: string }>('Team', {
    name: shape.text(),
    description: shape.text(),
  }),
}

const pageSize = 100

/** Who owns a project must find the teams to make members. */
const list: Handler = async (request, response, registry) => {
  const { identity, access, limits } = await authenticate(request, response, registry)
  const { sql } = registry.database
  const isSomebody = identity.kind !== 'anonymous' && access === undefined && limits === undefined
  if (!isSomebody && (await hasAccounts(sql))) {
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  }
  const teams = await listTeams(sql, { after: request.query.get('after') ?? '', limit: pageSize + 1 })
  const page = teams.slice(0, pageSize)
  sendJson(response, 200, { teams: page, next: teams.length > pageSize ? page.at(-1)?.name : null })
}

const add: Handler = async (request, response, { database: { sql } }) => {
  const { name = '', description } = (await readJson(request, teamBody)) ?? {}
  await addTeam(sql, name, descriptionFrom(description))
  sendEmpty(response, 201, { 'Content-Length': 0 })
}

const remove: Handler = async ({ params }, response, { database: { sql } }) => {
  await removeTeam(sql, params['team'] ?? '')
  sendEmpty(response, 204)
}

const join: Handler = async ({ params }, response, { database }) => {
  await database.transaction((sql) => joinTeam(sql, params['team'] ?? '', params['account'] ?? ''))
  sendEmpty(response, 204)
}

const leave: Handler = async ({ params }, response, { database: { sql } }) => {
  await leaveTeam(sql, params['team'] ?? '', params['account'] ?? '')
  sendEmpty(response, 204)
}

/** Teams are groups of accounts, made by who manages the registry; a team can be a member of projects. */
export const teamRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/api/v1/teams', handle: list },
  { method: 'POST', path: '/api/v1/teams', handle: managed(add) },
  { method: 'DELETE', path: '/api/v1/teams/{team}', handle: managed(remove) },
  { method: 'PUT', path: '/api/v1/teams/{team}/members/{account}', handle: managed(join) },
  { method: 'DELETE', path: '/api/v1/teams/{team}/members/{account}', handle: managed(leave) },
]
