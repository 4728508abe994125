import type { Database, Logger } from '@slipway/core'
import { FailedAttempts } from '../accounts/attempts.ts'
import { RateLimit } from '../limits/rate-limit.ts'
import { askLdap } from './ldap/ask.ts'
import { openDirectory } from './ldap/directory.ts'
import { openProvider } from './oidc/provider.ts'
import { createSeal } from './seal.ts'
import { defaultSignIn, type SignInSettings } from './settings.ts'
import type { SignInWays } from './ways.ts'

const minuteMs = 60 * 1000
/** A password that is hashed takes a fifth of a second; nobody needs so many accounts. */
const signUpsOfAnAddress = { count: 20, windowMs: 60 * minuteMs }
/** Of a million codes three are good at any time: at this pace a guess is right once in some years. */
const wrongCodes = { allowed: 5, windowMs: 15 * minuteMs }

export interface SignInDeps {
  readonly database: Pick<Database, 'transaction'>
  /** The registry's own, that tokens are signed with. */
  readonly key: Uint8Array
  readonly logger: Logger
}

export const openSignIn = ({ database, key, logger }: SignInDeps, wanted: Partial<SignInSettings> = {}): SignInWays => {
  const settings = { ...defaultSignIn, ...wanted }
  const { ldap, oidc, groupRules } = settings
  return {
    settings,
    signUps: new RateLimit(signUpsOfAnAddress),
    codes: new FailedAttempts(wrongCodes),
    seal: createSeal(key),
    directory: ldap && askLdap(database, openDirectory(ldap, logger), groupRules),
    provider: oidc && openProvider(oidc, logger),
    rules: groupRules,
  }
}
