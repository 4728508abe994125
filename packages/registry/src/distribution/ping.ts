import type { ServerResponse } from 'node:http'
import { type ApiRequest, sendJson } from '@slipway/http'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { hasAccounts } from '../accounts/records.ts'
import type { Registry } from '../registry.ts'
import { ociError } from './oci-error.ts'

/**
 * `GET /v2/`: yes, a registry. Where there are accounts, a client that shows nothing is challenged, though it could pull
 * anyway: from this answer it learns where to log in, and without it `docker login` would believe any password.
 */
export const ping = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await authenticate(request, response, registry)
  const showsNothing = caller.identity.kind === 'anonymous' && caller.access === undefined
  if (showsNothing && (await hasAccounts(registry.database.sql))) {
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  }
  sendJson(response, 200, {})
}
