import type { ServerResponse } from 'node:http'
import { type ApiRequest, sendJson } from '@slipway/http'
import { callerMayEverywhere } from '../access/caller.ts'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { ociError } from '../distribution/oci-error.ts'
import { readGcStatus } from '../gc/status.ts'
import type { Registry } from '../registry.ts'

/** Throws unless the caller may manage the registry itself. A token speaks for repositories only. */
const requireManager = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  if (await callerMayEverywhere(registry, caller, 'manage')) return
  if (caller.access === undefined && caller.identity.kind !== 'anonymous') throw ociError('DENIED')
  setChallenge(request, response)
  throw ociError('UNAUTHORIZED')
}

/** `GET /api/v1/gc`: what waits, what is next, what the last pass did, and what was freed since the beginning. */
export const getGc = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  await requireManager(request, response, registry)
  sendJson(response, 200, { ...registry.collector.state, ...(await readGcStatus(registry.database)) })
}

/** `POST /api/v1/gc/run`: a pass now; the answer is what it did. */
export const runGc = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  await requireManager(request, response, registry)
  sendJson(response, 200, await registry.collector.run())
}
