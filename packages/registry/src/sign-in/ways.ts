import type { RateLimit } from '../limits/rate-limit.ts'
import type { SignInSettings } from './settings.ts'

/** The ways to sign in that this registry has. */
export interface SignInWays {
  readonly settings: SignInSettings
  /** By address. */
  readonly signUps: RateLimit
}
