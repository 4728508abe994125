/** What a client has to show. Docker's `X-Registry-Auth` carries the same four. */
export interface RegistryCredentials {
  readonly username?: string
  readonly password?: string
  /** An OAuth2 refresh token, in place of a password. */
  readonly identityToken?: string
  /** A bearer token, sent as it is. */
  readonly registryToken?: string
}

export const basicAuthorization = ({ username, password }: RegistryCredentials): string | undefined =>
  username === undefined || username === ''
    ? undefined
    : `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
