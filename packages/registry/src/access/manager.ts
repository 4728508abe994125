import type { ServerResponse } from 'node:http'
import type { ApiRequest } from '@slipway/http'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { type Caller, callerMayEverywhere } from './caller.ts'
import { authenticate, setChallenge } from './challenge.ts'

/** A request by someone who may manage the registry itself. */
export interface ManagerRequest extends ApiRequest {
  readonly caller: Caller
}

type Handler<Request> = (request: Request, response: ServerResponse, registry: Registry) => Promise<void>

/** Who may manage the registry itself. Throws unless the caller does. A token speaks for repositories only. */
export const requireManager = async (
  request: ApiRequest,
  response: ServerResponse,
  registry: Registry,
): Promise<Caller> => {
  const caller = await authenticate(request, response, registry)
  if (await callerMayEverywhere(registry, caller, 'manage')) return caller
  if (caller.access === undefined && caller.identity.kind !== 'anonymous') throw ociError('DENIED')
  setChallenge(request, response)
  throw ociError('UNAUTHORIZED')
}

/** A handler for those alone who may manage the registry itself. */
export const managed =
  (handle: Handler<ManagerRequest>): Handler<ApiRequest> =>
  async (request, response, registry) => {
    const caller = await requireManager(request, response, registry)
    await handle({ ...request, caller }, response, registry)
  }
