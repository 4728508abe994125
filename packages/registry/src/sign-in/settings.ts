import { invalid } from '@slipway/core'
import { parseDuration } from '../duration.ts'
import { type GroupRule, managersRule, parseGroupRules } from './elsewhere/groups.ts'
import { type LdapSettings, ldapFrom, ldapSettings } from './ldap/settings.ts'
import { type OidcSettings, oidcFrom, oidcSettings } from './oidc/settings.ts'

/** Whether people make accounts for themselves: everyone, those with a link that a manager made, or nobody. */
export type SignUp = 'open' | 'invitation' | 'off'

export interface SignInSettings {
  readonly signUp: SignUp
  /** Everyone who signs in with a password must have one. */
  readonly requireSecondFactor: boolean
  readonly ldap?: LdapSettings | undefined
  readonly oidc?: OidcSettings | undefined
  /** What groups of a directory or a provider mean here. */
  readonly groupRules: readonly GroupRule[]
  /** How long a sign-in with a provider holds for what was made with it; 0: for ever. */
  readonly maxAgeMs: number
  /** How often a directory is asked whether somebody is still there. */
  readonly lookEveryMs: number
}

/**
 * An invitation is as much a manager's deed as an account that they make, so links need no setting; a registry that is open to
 * everyone does.
 */
export const defaultSignIn: SignInSettings = {
  signUp: 'invitation',
  requireSecondFactor: false,
  groupRules: [],
  maxAgeMs: 30 * 24 * 60 * 60 * 1000,
  lookEveryMs: 5 * 60 * 1000,
}

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
  'sign-in-max-age': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_SIGN_IN_MAX_AGE',
    fallback: '30d',
    about: 'after how long people of a provider have to sign in again, or their tokens rest; 0 for never',
  },
  ...ldapSettings,
  ...oidcSettings,
  'group-rights': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_GROUP_RIGHTS',
    fallback: '',
    about: 'what groups of a directory or a provider mean here: devs=team backend; ops=lib/**:pull,push',
  },
  'manager-group': {
    type: 'string',
    environment: 'SLIPWAY_REGISTRY_MANAGER_GROUP',
    fallback: '',
    about: 'the group there whose people manage the registry',
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
  maxAgeMs: parseDuration(String(setting('sign-in-max-age'))),
  lookEveryMs: defaultSignIn.lookEveryMs,
  ldap: ldapFrom(setting),
  oidc: oidcFrom(setting),
  groupRules: [...parseGroupRules(String(setting('group-rights'))), ...managersRule(String(setting('manager-group')))],
})
