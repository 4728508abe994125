import type { ServerResponse } from 'node:http'
import type { Action } from '@slipway/core'
import type { ApiRequest, Method, Route } from '@slipway/http'
import { accountOf, anonymous, type Caller } from '../access/caller.ts'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { projectNameFrom } from './name.ts'

/** A request about one project, by someone who may make it. */
export interface ProjectRequest extends ApiRequest {
  readonly project: string
  readonly caller: Caller
}

export type ProjectHandler = (request: ProjectRequest, response: ServerResponse, registry: Registry) => Promise<void>

/** Whether the caller may do it to the project itself. Tokens with limits speak for repositories only. */
export const callerMayInProject = (
  registry: Registry,
  { identity, access, limits }: Caller,
  action: Action,
  project: string,
): Promise<boolean> => {
  const who = access !== undefined || limits !== undefined ? anonymous : identity
  return registry.authorizer.allows(who, action, { kind: 'project', name: project })
}

/** Of a project that isn't there one learns as little as of one that one may not see. */
const authorize = async (
  request: ApiRequest,
  response: ServerResponse,
  registry: Registry,
  wanted: { readonly action: Action; readonly project: string },
): Promise<Caller> => {
  const caller = await authenticate(request, response, registry)
  if (await callerMayInProject(registry, caller, wanted.action, wanted.project)) return caller
  if (caller.access === undefined && caller.identity.kind !== 'anonymous') throw ociError('DENIED')
  setChallenge(request, response)
  throw ociError('UNAUTHORIZED')
}

/** One line of the route table; `deed` is what the audit calls it. */
export const projectRoute = (
  method: Method,
  path: `/api/v1/projects/{project}${string}`,
  action: Action,
  handle: ProjectHandler,
  deed?: string,
): Route<Registry> => ({
  method,
  path,
  handle: async (request, response, registry) => {
    const project = projectNameFrom(request.params['project'] ?? '')
    const caller = await authorize(request, response, registry, { action, project })
    await handle({ ...request, project, caller }, response, registry)
    if (deed === undefined || response.statusCode >= 300) return
    const { name, robot, rule } = request.params
    const what = name ?? robot ?? rule
    noteDeed(registry, request, accountOf(caller), {
      action: deed,
      repository: `${project}/`,
      ...(what === undefined ? {} : { subject: what }),
    })
  },
})
