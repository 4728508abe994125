import type { RegistryLogin } from '@slipway/build'
import { type AuthConfig, decodeRegistryAuth } from '@slipway/client'
import { credentialsOf } from '../images/login.ts'

const isAuthConfig = (value: unknown): value is AuthConfig => typeof value === 'object' && value !== null

/** X-Registry-Config: what to show to each registry that a FROM names. Garbage is nothing. */
export const readLogins = (header: string | undefined): Readonly<Record<string, RegistryLogin>> => {
  const decoded: unknown = decodeRegistryAuth(header)
  const entries = typeof decoded === 'object' && decoded !== null ? Object.entries(decoded) : []
  return Object.fromEntries(
    entries.flatMap(([address, auth]) => {
      const credentials = isAuthConfig(auth) ? credentialsOf(auth) : undefined
      return credentials === undefined ? [] : [[address, credentials] as const]
    }),
  )
}
