import type { ServerResponse } from 'node:http'
import type { ApiRequest } from '@slipway/http'
import { ociError } from '../distribution/oci-error.ts'
import type { Registry } from '../registry.ts'
import { callerMayEverywhere } from './caller.ts'
import { authenticate, setChallenge } from './challenge.ts'

type Handler = (request: ApiRequest, response: ServerResponse, registry: Registry) => Promise<void>

/** Throws unless the caller may manage the registry itself. A token speaks for repositories only. */
export const requireManager = async (
  request: ApiRequest,
  response: ServerResponse,
  registry: Registry,
): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  if (await callerMayEverywhere(registry, caller, 'manage')) return
  if (caller.access === undefined && caller.identity.kind !== 'anonymous') throw ociError('DENIED')
  setChallenge(request, response)
  throw ociError('UNAUTHORIZED')
}

/** A handler for those alone who may manage the registry itself. */
export const managed =
  (handle: Handler): Handler =>
  async (request, response, registry) => {
    await requireManager(request, response, registry)
    await handle(request, response, registry)
  }
