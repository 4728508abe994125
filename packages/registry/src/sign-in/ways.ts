import type { Attempts } from '../accounts/attempts.ts'
import type { AskElsewhere, Standing } from '../accounts/check-password.ts'
import type { RateLimit } from '../limits/rate-limit.ts'
import type { GroupRule } from './elsewhere/groups.ts'
import type { Provider } from './oidc/provider.ts'
import type { Seal } from './seal.ts'
import type { SignInSettings } from './settings.ts'

/** The ways to sign in that this registry has. */
export interface SignInWays {
  readonly settings: SignInSettings
  /** By address. */
  readonly signUps: RateLimit
  /** Wrong codes of second factors, by account. */
  readonly codes: Attempts
  /** Keeps what must be read again: secrets of second factors. */
  readonly seal: Seal
  /** Undefined: there is no directory. */
  readonly directory: AskElsewhere | undefined
  /** Whether who is known elsewhere still is. */
  readonly standing: Standing
  /** Undefined: there is no provider. */
  readonly provider: Provider | undefined
  readonly rules: readonly GroupRule[]
}
