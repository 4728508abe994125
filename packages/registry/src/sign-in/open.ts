import { FailedAttempts } from '../accounts/attempts.ts'
import { RateLimit } from '../limits/rate-limit.ts'
import { createSeal } from './seal.ts'
import { defaultSignIn, type SignInSettings } from './settings.ts'
import type { SignInWays } from './ways.ts'

const minuteMs = 60 * 1000
/** A password that is hashed takes a fifth of a second; nobody needs so many accounts. */
const signUpsOfAnAddress = { count: 20, windowMs: 60 * minuteMs }
/** Of a million codes three are good at any time: at this pace a guess is right once in some years. */
const wrongCodes = { allowed: 5, windowMs: 15 * minuteMs }

/** `key`: the registry's own, that tokens are signed with. */
export const openSignIn = (key: Uint8Array, settings: Partial<SignInSettings> = {}): SignInWays => ({
  settings: { ...defaultSignIn, ...settings },
  signUps: new RateLimit(signUpsOfAnAddress),
  codes: new FailedAttempts(wrongCodes),
  seal: createSeal(key),
})
