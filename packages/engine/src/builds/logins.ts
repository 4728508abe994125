import type { LoginSource, RegistryLogin } from '@slipway/build'
import { type AuthConfig, decodeRegistryAuth } from '@slipway/client'
import { credentialsOf, registryOfAddress } from '../images/login.ts'

const isAuthConfig = (value: unknown): value is AuthConfig => typeof value === 'object' && value !== null

/** X-Registry-Config: what to show to each registry that a FROM names. Garbage is nothing. */
export const readLogins = (header: string | undefined): LoginSource => {
  const decoded: unknown = decodeRegistryAuth(header)
  const entries = typeof decoded === 'object' && decoded !== null ? Object.entries(decoded) : []
  const logins = new Map<string, RegistryLogin>()
  for (const [address, auth] of entries) {
    const credentials = isAuthConfig(auth) ? credentialsOf(auth) : undefined
    const registry = registryOfAddress(address)
    if (credentials !== undefined && !logins.has(registry)) logins.set(registry, credentials)
  }
  return async (registry) => logins.get(registry)
}
