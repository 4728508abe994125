import { messageOf, SlipwayError } from '@slipway/core'
import type { Keys, S3Options } from './options.ts'

const again = { retryAfterSeconds: 60 }

/**
 * Where to ask for the keys, each time they are needed: those of the settings, or those that Amazon's own tools would find: in
 * `~/.aws` and what its profiles name, from a web identity (`AWS_WEB_IDENTITY_TOKEN_FILE`), the container's or the machine's
 * role. What is lent is fetched anew before it is over. Throws unavailable.
 */
export const findKeys = ({ keys, region }: Pick<S3Options, 'keys' | 'region'>): (() => Promise<Keys>) => {
  if (keys !== undefined) return async () => keys
  let provider: (() => Promise<Keys>) | undefined
  return async () => {
    try {
      // Here, so that nobody pays for it (80 ms, 12 MB) who names the keys.
      const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
      provider ??= defaultProvider({ clientConfig: { region } })
      return await provider()
    } catch (error) {
      throw new SlipwayError('unavailable', `there are no keys for the storage: ${messageOf(error)}`, {
        cause: error,
        detail: again,
      })
    }
  }
}
