import type { AuthConfig, AuthResponse } from '@slipway/client'
import { defaultRegistry, invalid } from '@slipway/core'
import { authenticate, loginEndpoint, type RegistryCredentials } from '@slipway/remote'
import type { ImageRoom } from './room.ts'

/** `https://index.docker.io/v1/`, what docker keeps its own registry's password under, is docker.io. */
export const registryOfAddress = (address: string): string => {
  const host = address.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
  return host === '' || host === 'index.docker.io' || host === 'registry-1.docker.io' ? defaultRegistry : host
}

/** What came in X-Registry-Auth, or in the body of a login; undefined when it holds nothing. */
export const credentialsOf = (auth: AuthConfig | undefined): RegistryCredentials | undefined => {
  if (auth === undefined) return undefined
  const [username, ...password] = auth.auth ? Buffer.from(auth.auth, 'base64').toString('utf8').split(':') : []
  const credentials: RegistryCredentials = {
    ...(username === undefined ? {} : { username, password: password.join(':') }),
    ...(auth.username ? { username: auth.username, password: auth.password ?? '' } : {}),
    ...(auth.identitytoken ? { identityToken: auth.identitytoken } : {}),
    ...(auth.registrytoken ? { registryToken: auth.registrytoken } : {}),
  }
  return Object.keys(credentials).length === 0 ? undefined : credentials
}

/** `docker login`: does the registry take these? Throws unauthenticated when it does not. */
export const login = async (
  room: ImageRoom,
  auth: AuthConfig | undefined,
  signal?: AbortSignal,
): Promise<AuthResponse> => {
  const credentials = credentialsOf(auth)
  if (auth === undefined || credentials === undefined) throw invalid('no credentials were given')
  const endpoint = loginEndpoint(room.registries, registryOfAddress(auth.serveraddress ?? ''))
  const { status, identityToken } = await authenticate({ ...endpoint, credentials, ...(signal ? { signal } : {}) })
  return { Status: status, IdentityToken: identityToken ?? '' }
}
