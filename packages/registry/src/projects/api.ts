import type { ServerResponse } from 'node:http'
import type { NewProject, ProjectEdit, ProjectList, ProjectPage, ProjectSearch, QuotaChoice } from '@slipway/client/hub'
import { accountOf, type Caller, callerMayEverywhere } from '../access/caller.ts'
import { setChallenge } from '../access/challenge.ts'
import { readableBy } from '../access/readable.ts'
import type { Asked } from '../api/route.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { descriptionFrom } from './description.ts'
import { addProject, changeProject, findProject, listProjects, removeProject, setQuota } from './records.ts'
import { callerMayInProject } from './who.ts'

const pageSize = 50

/** Those that the caller may see; use and quota only for who manages the registry. */
export const getProjects = async (
  { caller, query: { q = '', after = '', mine = false } }: Asked<{ readonly query: ProjectSearch }>,
  registry: Registry,
): Promise<ProjectList> => {
  const manages = await callerMayEverywhere(registry, caller, 'manage')
  const readable = await readableBy(registry, caller)
  const page = { text: q, after, mine, limit: pageSize + 1, readable }
  const rows = await listProjects(registry.database.sql, page)
  const projects = rows.slice(0, pageSize).map((row) => (manages ? row : { ...row, used: null, quota: null }))
  return { projects, next: rows.length > pageSize ? (projects.at(-1)?.name ?? null) : null }
}

/** Whether the caller may make a project of this name: as the settings say; the one of their own name everybody may. */
const mayMake = async (registry: Registry, caller: Caller, name: string, manages: boolean): Promise<boolean> => {
  if (manages) return true
  const { identity, access, limits } = caller
  if (identity.kind !== 'user' || access !== undefined || limits !== undefined) return false
  return registry.settings.projects === 'everyone' || identity.name === name
}

/** Who makes it owns it. */
export const postProject = async (
  asked: Asked<{ readonly body: NewProject }>,
  registry: Registry,
  response: ServerResponse,
): Promise<void> => {
  const { caller, body } = asked
  const manages = await callerMayEverywhere(registry, caller, 'manage')
  if (!(await mayMake(registry, caller, body.name, manages))) {
    if (caller.identity.kind !== 'anonymous') throw ociError('DENIED')
    setChallenge(asked, response)
    throw ociError('UNAUTHORIZED')
  }
  const { settings, database } = registry
  const wanted = {
    name: body.name,
    description: descriptionFrom(body.description),
    visibility: body.visibility ?? settings.visibility,
    quota: settings.projectQuota,
    by: accountOf(caller),
  }
  await database.transaction((sql) => addProject(sql, wanted, { over: manages }))
  noteDeed(registry, asked, accountOf(caller), { action: 'project.make', repository: `${body.name}/` })
}

/** The project's page, and what the caller may do there. */
export const getProject = async ({ project, caller }: Asked, registry: Registry): Promise<ProjectPage> => {
  const row = await findProject(registry.database.sql, project)
  const mayPush = await callerMayInProject(registry, caller, 'push', project)
  return {
    ...row,
    ...(mayPush ? {} : { used: null, quota: null }),
    mayPush,
    mayMaintain: await callerMayInProject(registry, caller, 'delete', project),
    mayOwn: await callerMayInProject(registry, caller, 'manage', project),
    maySetQuota: await callerMayEverywhere(registry, caller, 'manage'),
  }
}

/** What isn't given stays. */
export const putProject = (
  { project, body: { description, ...change } }: Asked<{ readonly body: ProjectEdit }>,
  { database }: Registry,
): Promise<void> => {
  const line = description === undefined ? undefined : descriptionFrom(description)
  return database.transaction((sql) => changeProject(sql, project, { ...change, description: line }))
}

/** In bytes; 0 or nothing: no limit. */
export const putQuota = (
  { project, body: { quota = 0 } }: Asked<{ readonly body: QuotaChoice }>,
  { database: { sql } }: Registry,
): Promise<void> => setQuota(sql, project, quota === 0 ? null : quota)

/** One without repositories. */
export const deleteProject = async ({ project }: Asked, { database }: Registry): Promise<void> =>
  database.transaction((sql) => removeProject(sql, project))
