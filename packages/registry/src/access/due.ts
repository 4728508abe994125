import type { HubSession } from '@slipway/client'
import type { Account } from '../accounts/records.ts'
import type { Registry } from '../registry.ts'

/** What a person has to do in the browser before all else. */
export type Due = NonNullable<HubSession['due']>

/** What must be there for it. */
const open: Readonly<Record<Due, ReadonlySet<string>>> = {
  password: new Set(['/api/v1/session', '/api/v1/password']),
  'second-factor': new Set(['/api/v1/session', '/api/v1/password', '/api/v1/second-factor']),
}

/** For who comes by a provider, the second factor is the provider's affair. */
export const dueOf = (account: Account, { signIn }: Pick<Registry, 'signIn'>): Due | undefined => {
  if (account.mustChange) return 'password'
  const isRequired = account.secondFactorRequired || signIn.settings.requireSecondFactor
  const mustHave = isRequired && account.kind === 'user' && account.origin !== 'oidc'
  return mustHave && !account.hasSecondFactor ? 'second-factor' : undefined
}

/** Whether this address is for those too who have that to do. */
export const isOpenBefore = (due: Due, path: string): boolean => open[due].has(path)

export const dueMessages: Readonly<Record<Due, string>> = {
  password: 'choose a new password first',
  'second-factor': 'set up a second factor first',
}

/** Why a program isn't let in with the password; undefined: it is. */
export const whyNoPassword = (account: Account, registry: Pick<Registry, 'signIn'>): string | undefined => {
  if (account.mustChange) return 'this password is for one sign-in, in the browser: choose one of your own there'
  if (account.hasSecondFactor) {
    return 'this account has a second factor: log in with an access token in place of the password (the page of your account makes one)'
  }
  return dueOf(account, registry) === undefined
    ? undefined
    : 'this account needs a second factor: sign in to the page first'
}
