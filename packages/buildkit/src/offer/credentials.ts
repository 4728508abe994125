import { type Methods, unary } from '../grpc/method.ts'
import { credentialsRequest, credentialsResponse, sessionMethods } from '../messages/session.ts'
import type { Credentials } from '../session/session.ts'

/** Offers what a registry is to be shown: asked for by its host, when a step needs it. */
export const offerCredentials = (find: (host: string) => Promise<Credentials | undefined>): Methods => ({
  [sessionMethods.credentials]: unary(
    credentialsRequest,
    credentialsResponse,
    async ({ host }) => (await find(host)) ?? {},
  ),
})
