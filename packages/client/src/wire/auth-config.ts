/** What X-Registry-Auth carries, as URL-safe base64 of its JSON, and the body of POST /auth. Never to be logged. */
export interface AuthConfig {
  readonly username?: string
  readonly password?: string
  /** Basic credentials as `~/.docker/config.json` writes them: base64 of `user:password`. */
  readonly auth?: string
  readonly serveraddress?: string
  readonly identitytoken?: string
  readonly registrytoken?: string
}

export interface AuthResponse {
  readonly Status: string
  readonly IdentityToken?: string
}
