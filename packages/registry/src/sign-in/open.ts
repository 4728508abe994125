import type { Database, Logger } from '@slipway/core'
import { openAttempts } from '../accounts/shared-attempts.ts'
import { RateLimit } from '../limits/rate-limit.ts'
import { createStanding } from './elsewhere/standing.ts'
import { askLdap, lookLdap } from './ldap/ask.ts'
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
  readonly database: Pick<Database, 'dialect' | 'sql' | 'transaction'>
  /** The registry's own, that tokens are signed with. */
  readonly key: Uint8Array
  readonly logger: Logger
}

export const openSignIn = ({ database, key, logger }: SignInDeps, wanted: Partial<SignInSettings> = {}): SignInWays => {
  const settings = { ...defaultSignIn, ...wanted }
  const { ldap, oidc, groupRules, lookEveryMs, maxAgeMs } = settings
  const directory = ldap && openDirectory(ldap, logger)
  const look = directory?.look && lookLdap(database, directory.look, groupRules)
  return {
    settings,
    signUps: new RateLimit(signUpsOfAnAddress),
    codes: openAttempts(database, 'code', wrongCodes),
    seal: createSeal(key),
    directory: directory && askLdap(database, directory.ask, groupRules),
    standing: createStanding({ look, lookEveryMs, maxAgeMs }),
    provider: oidc && openProvider(oidc, logger),
    rules: groupRules,
  }
}
