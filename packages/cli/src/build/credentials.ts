import type { AuthConfig } from '@slipway/client'
import type { DockerConfig } from '../config/docker-config.ts'

const shown = ({ username = '', password = '', identitytoken, registrytoken }: AuthConfig) => {
  const token = identitytoken ?? registrytoken
  return token === undefined ? { username, secret: password } : { username: '', secret: token }
}

/** Finds what is to be shown to a registry, as `login` has kept it; asked for when a step needs it, and only for that one. */
export const credentialsFor =
  (config: () => Promise<DockerConfig>) =>
  async (host: string): Promise<{ readonly username: string; readonly secret: string } | undefined> => {
    // Loaded when a registry is asked, which a build from the cache does not.
    const { canonicalServer, findCredentials } = await import('../config/credentials.ts')
    const found = await findCredentials(await config(), canonicalServer(host))
    return found && shown(found)
  }
