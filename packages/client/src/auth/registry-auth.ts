import type { AuthConfig } from '../wire/auth-config.ts'

/** The value of X-Registry-Auth (one AuthConfig) and of X-Registry-Config (registry → AuthConfig): URL-safe base64. */
export const encodeRegistryAuth = (auth: AuthConfig | Readonly<Record<string, AuthConfig>>): string =>
  // docker pads it, and some daemons insist.
  Buffer.from(JSON.stringify(auth)).toString('base64').replaceAll('+', '-').replaceAll('/', '_')

/** Reads X-Registry-Auth. Empty or garbage: undefined, as for docker's daemon on a pull. */
export const decodeRegistryAuth = (header: string | undefined): AuthConfig | undefined => {
  if (header === undefined || header === '') return undefined
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as AuthConfig) : undefined
  } catch {
    return undefined
  }
}
