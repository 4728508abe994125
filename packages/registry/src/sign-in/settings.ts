import { invalid } from '@slipway/core'

/** Whether people make accounts for themselves: everyone, those with a link that a manager made, or nobody. */
export type SignUp = 'open' | 'invitation' | 'off'

export interface SignInSettings {
  readonly signUp: SignUp
  /** Everyone who signs in with a password must have one. */
  readonly requireSecondFactor: boolean
}

/**
 * An invitation is as much a manager's deed as an account that they make, so links need no setting; a registry that is open to
 * everyone does.
 */
export const defaultSignIn: SignInSettings = { signUp: 'invitation', requireSecondFactor: false }

/** The settings of the ways to sign in; `config.ts` has the others. */
export const signInSettings = {
  'sign-up': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_SIGN_UP',
    fallback: defaultSignIn.signUp,
    about: 'who may make an account in the page: everyone (open), who has a link (invitation), nobody (off)',
  },
  'require-second-factor': {
    type: 'boolean',
    environment: 'SLIPWAY_REGISTRY_REQUIRE_SECOND_FACTOR',
    fallback: false,
    about: 'who signs in with a password must have a second factor',
  },
} as const

export type SignInName = keyof typeof signInSettings

const signUpFrom = (text: string): SignUp => {
  if (text === 'open' || text === 'invitation' || text === 'off') return text
  throw invalid(`invalid sign-up ${JSON.stringify(text)}: open, invitation or off`)
}

/** Throws invalid with a sentence for the person who typed it. */
export const signInFrom = (setting: (name: SignInName) => unknown): SignInSettings => ({
  signUp: signUpFrom(String(setting('sign-up'))),
  requireSecondFactor: setting('require-second-factor') === true,
})
