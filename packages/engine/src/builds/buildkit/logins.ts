import type { LoginSource } from '@slipway/build'
import type { ClientSession } from '@slipway/buildkit'

/** Credentials come from the client, who knows Docker Hub by another name. */
export const sessionLogins =
  (session: ClientSession): LoginSource =>
  async (registry, signal) => {
    const found = await session.credentials(registry === 'docker.io' ? 'registry-1.docker.io' : registry, signal)
    if (found === undefined) return undefined
    // Without a name it is a token that others are made of.
    return found.username === ''
      ? { identityToken: found.secret }
      : { username: found.username, password: found.secret }
  }
