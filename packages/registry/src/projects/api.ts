import type { ServerResponse } from 'node:http'
import type { ProjectPage } from '@slipway/client'
import { type ApiRequest, readJson, sendEmpty, sendJson } from '@slipway/http'
import { accountOf, type Caller, callerMayEverywhere } from '../access/caller.ts'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { readableBy } from '../access/readable.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { descriptionFrom, projectBody, quotaBody, visibilityFrom } from './bodies.ts'
import { callerMayInProject, type ProjectHandler } from './project-route.ts'
import { addProject, changeProject, findProject, listProjects, removeProject, setQuota } from './records.ts'

const pageSize = 50
const longestText = 128

/** `GET /api/v1/projects?q=&mine=1&after=`: those that the caller may see; use and quota only for who manages the registry. */
export const getProjects = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  const manages = await callerMayEverywhere(registry, caller, 'manage')
  const rows = await listProjects(registry.database.sql, {
    text: (request.query.get('q') ?? '').slice(0, longestText),
    after: request.query.get('after') ?? '',
    mine: request.query.get('mine') === '1',
    limit: pageSize + 1,
    readable: await readableBy(registry, caller),
  })
  const page = rows.slice(0, pageSize).map((row) => (manages ? row : { ...row, used: null, quota: null }))
  sendJson(response, 200, { projects: page, next: rows.length > pageSize ? page.at(-1)?.name : null })
}

/** Whether the caller may make a project of this name: as the settings say; the one of their own name everybody may. */
const mayMake = async (registry: Registry, caller: Caller, name: string, manages: boolean): Promise<boolean> => {
  if (manages) return true
  const { identity, access, limits } = caller
  if (identity.kind !== 'user' || access !== undefined || limits !== undefined) return false
  return registry.settings.projects === 'everyone' || identity.name === name
}

/** `POST /api/v1/projects` `{"name": "team", "visibility": "private"}`: who makes it owns it. */
export const postProject = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  const { name = '', description, visibility } = (await readJson(request, projectBody)) ?? {}
  const manages = await callerMayEverywhere(registry, caller, 'manage')
  if (!(await mayMake(registry, caller, name, manages))) {
    if (caller.identity.kind !== 'anonymous') throw ociError('DENIED')
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  }
  const { settings, database } = registry
  const wanted = {
    name,
    description: descriptionFrom(description),
    visibility: visibilityFrom(visibility, settings.visibility),
    quota: settings.projectQuota,
    by: accountOf(caller),
  }
  await database.transaction((sql) => addProject(sql, wanted, { over: manages }))
  noteDeed(registry, request, accountOf(caller), { action: 'project.make', repository: `${name}/` })
  sendEmpty(response, 201, { 'Content-Length': 0 })
}

/** `GET /api/v1/projects/{project}`: the project's page, and what the caller may do there. */
export const getProject: ProjectHandler = async ({ project, caller }, response, registry) => {
  const row = await findProject(registry.database.sql, project)
  const mayPush = await callerMayInProject(registry, caller, 'push', project)
  const page: ProjectPage = {
    ...row,
    ...(mayPush ? {} : { used: null, quota: null }),
    mayPush,
    mayMaintain: await callerMayInProject(registry, caller, 'delete', project),
    mayOwn: await callerMayInProject(registry, caller, 'manage', project),
    maySetQuota: await callerMayEverywhere(registry, caller, 'manage'),
  }
  sendJson(response, 200, page)
}

/** `PUT /api/v1/projects/{project}` `{"description": …, "visibility": …}`: what isn't given stays. */
export const putProject: ProjectHandler = async (request, response, { database }) => {
  const { description, visibility } = (await readJson(request, projectBody)) ?? {}
  await database.transaction(async (sql) => {
    const now = await findProject(sql, request.project)
    await changeProject(sql, request.project, {
      description: description === undefined ? now.description : descriptionFrom(description),
      visibility: visibilityFrom(visibility, now.visibility),
    })
  })
  sendEmpty(response, 204)
}

/** `PUT /api/v1/projects/{project}/quota` `{"quota": 10000000000}`, in bytes; 0 or nothing: no limit. */
export const putQuota: ProjectHandler = async (request, response, registry) => {
  if (!(await callerMayEverywhere(registry, request.caller, 'manage'))) throw ociError('DENIED')
  const { quota = 0 } = (await readJson(request, quotaBody)) ?? {}
  await setQuota(registry.database.sql, request.project, quota === 0 ? null : quota)
  sendEmpty(response, 204)
}

/** `DELETE /api/v1/projects/{project}`: one without repositories. */
export const deleteProject: ProjectHandler = async ({ project }, response, { database }) => {
  await database.transaction((sql) => removeProject(sql, project))
  sendEmpty(response, 204)
}
