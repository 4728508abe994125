import { RateLimit } from '../limits/rate-limit.ts'
import { defaultSignIn, type SignInSettings } from './settings.ts'
import type { SignInWays } from './ways.ts'

/** A password that is hashed takes a fifth of a second; nobody needs so many accounts. */
const signUpsOfAnAddress = { count: 20, windowMs: 60 * 60 * 1000 }

export const openSignIn = (settings: Partial<SignInSettings> = {}): SignInWays => ({
  settings: { ...defaultSignIn, ...settings },
  signUps: new RateLimit(signUpsOfAnAddress),
})
