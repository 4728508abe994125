import type { ServerResponse } from 'node:http'
import type { TObject, TSchema, TVoid } from '@sinclair/typebox'
import type { Of } from '@slipway/client/hub'
import { isRepositoryName } from '@slipway/core'
import { type ApiRequest, type Method, type Route, sendEmpty, sendJson } from '@slipway/http'
import { accountOf, type Caller } from '../access/caller.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import { projectNameFrom } from '../projects/name.ts'
import type { Registry } from '../registry.ts'
import { readBodyOf, readQuery } from './read-input.ts'

/** A request of our own API, whose caller may make it, and whose input is as it was described. */
export type Asked<Input = unknown> = Omit<ApiRequest, 'query'> & {
  readonly caller: Caller
} & Place &
  Input

/** What a path is about. */
export interface Place {
  /** Of the path's `{name...}`; '' where it has none. */
  readonly repository: string
  /** Of the path's `{project}`; '' where it has none. */
  readonly project: string
}

/** Who may ask. `admit` finds out who it is, and throws what the client is to be told otherwise. */
export interface Who {
  /** For the document: `a manager of the registry`. */
  readonly about: string
  readonly admit: (request: ApiRequest, response: ServerResponse, registry: Registry, place: Place) => Promise<Caller>
}

/** What the API's description says of a route, and what its requests are held to. */
export interface Operation {
  /** Its name in the document, and that of the SDK's call: `listWebhooks`. */
  readonly id: string
  readonly summary: string
  readonly who: Who
  readonly query?: TObject
  readonly body?: TSchema
  /** In bytes; 64 KiB where nothing is said. */
  readonly largestBody?: number
  /** Missing: no content. */
  readonly answer?: TSchema
  /** Missing: 200, or 204 without content. */
  readonly status?: 200 | 201 | 202 | 204
  /** Where the answer is no JSON, what it may be: then the handler writes it. */
  readonly media?: readonly string[]
}

export interface ApiRoute extends Route<Registry> {
  readonly operation: Operation
}

interface Described<Query extends TObject, Body extends TSchema, Answer extends TSchema> extends Operation {
  readonly query?: Query
  readonly body?: Body
  readonly answer?: Answer
  /** What the audit calls it when it was done. */
  readonly deed?: string
  /** Returns the answer; headers besides go into the response. */
  readonly handle: (
    request: Asked<{ readonly query: Of<Query>; readonly body: Of<Body> }>,
    registry: Registry,
    response: ServerResponse,
  ) => Promise<Of<Answer>>
}

const placeOf = (path: string, { params }: ApiRequest): Place => {
  const repository = path.includes('{name...}') ? (params['name'] ?? '') : ''
  if (repository !== '' && !isRepositoryName(repository)) {
    throw ociError('NAME_INVALID', { detail: { name: repository.slice(0, 300) } })
  }
  return { repository, project: params['project'] === undefined ? '' : projectNameFrom(params['project']) }
}

/** What was done it to, by its name in the path. */
const subjects = ['tag', 'digest', 'account', 'team', 'robot', 'rule', 'name', 'id']

const note = (registry: Registry, { params, caller, repository, project, raw }: Asked, action: string): void => {
  const where = repository || (project && `${project}/`)
  const subject = subjects.find((name) => params[name] !== undefined && params[name] !== repository)
  noteDeed(registry, { raw }, accountOf(caller), {
    action,
    ...(where === '' ? {} : { repository: where }),
    ...(subject === undefined ? {} : { subject: params[subject] }),
  })
}

/**
 * One line of the API's table: the name of a repository or a project is checked, then the caller, then what was sent; then the
 * handler runs, and what it returns is the answer.
 */
export const route = <Query extends TObject, Body extends TSchema, Answer extends TSchema = TVoid>(
  method: Method,
  path: `/api/v1/${string}`,
  { handle, deed, ...operation }: Described<Query, Body, Answer>,
): ApiRoute => ({
  method,
  path,
  operation,
  handle: async (request, response, registry) => {
    const place = placeOf(path, request)
    const caller = await operation.who.admit(request, response, registry, place)
    if (place.repository !== '') registry.limit(request, response, caller)
    const query = readQuery(operation.query, request.query) as Of<Query>
    const body = (await readBodyOf(operation, request, registry.settings.bodyMs)) as Of<Body>
    const asked = { ...request, ...place, caller, query, body }
    const answer = await handle(asked, registry, response)
    if (deed !== undefined) note(registry, asked, deed)
    if (operation.media !== undefined) return
    const { status = operation.answer === undefined ? 204 : 200 } = operation
    if (operation.answer !== undefined) sendJson(response, status, answer)
    else sendEmpty(response, status, status === 204 ? {} : { 'Content-Length': 0 })
  },
})
