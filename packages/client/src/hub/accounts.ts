import type {
  AccessTokenList,
  AccountList,
  BrowserList,
  HubAccessToken,
  HubAccount,
  HubBrowser,
  HubIdentity,
  HubInvitation,
  HubLogin,
  HubSession,
  HubSignIn,
  IdentityList,
  InvitationList,
  MadeAccessToken,
  MadeInvitation,
  NewAccessToken,
  NewAccount,
  NewGrant,
  NewInvitation,
  NewSignUp,
  OneTimePassword,
  PasswordChange,
} from '../wire/hub/index.ts'
import { type HubClient, rowsOf } from './hub-client.ts'

const at = (name: string): string => `/accounts/${encodeURIComponent(name)}`

/** Who asks, and what that one may do with the registry itself. */
export const whoIsThere = (hub: HubClient): Promise<HubSession> => hub.json({ path: '/session' })

/** Opens a session, as a browser has: from then on the client speaks for that account. */
export const signIn = (hub: HubClient, login: HubLogin): Promise<void> =>
  hub.send({ method: 'POST', path: '/session', json: login })

export const signOut = (hub: HubClient): Promise<void> => hub.send({ method: 'DELETE', path: '/session' })

/** The browsers in which one has signed in. */
export const listSessions = async (hub: HubClient): Promise<readonly HubBrowser[]> =>
  (await hub.json<BrowserList>({ path: '/sessions' })).sessions

export const endSession = (hub: HubClient, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `/sessions/${encodeURIComponent(id)}` })

export const changePassword = (hub: HubClient, change: PasswordChange): Promise<void> =>
  hub.send({ method: 'PUT', path: '/password', json: change })

/** The ways to come in. */
export const readSignIn = (hub: HubClient): Promise<HubSignIn> => hub.json({ path: '/sign-in' })

export const signUp = (hub: HubClient, wanted: NewSignUp): Promise<void> =>
  hub.send({ method: 'POST', path: '/sign-up', json: wanted })

export const listInvitations = async (hub: HubClient): Promise<readonly HubInvitation[]> =>
  (await hub.json<InvitationList>({ path: '/invitations' })).invitations

export const makeInvitation = (hub: HubClient, wanted: NewInvitation): Promise<MadeInvitation> =>
  hub.json({ method: 'POST', path: '/invitations', json: wanted })

export const removeInvitation = (hub: HubClient, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `/invitations/${encodeURIComponent(id)}` })

export const listAccounts = (hub: HubClient): AsyncIterable<HubAccount> =>
  rowsOf<AccountList, HubAccount>(hub, { path: '/accounts' }, ({ accounts }) => accounts)

/** Without a password: a robot. */
export const addAccount = (hub: HubClient, account: NewAccount): Promise<void> =>
  hub.send({ method: 'POST', path: '/accounts', json: account })

export const removeAccount = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: at(name) })

export const disableAccount = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'PUT', path: `${at(name)}/disabled` })

export const enableAccount = (hub: HubClient, name: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `${at(name)}/disabled` })

/** A password for one sign-in. */
export const resetPassword = async (hub: HubClient, name: string): Promise<string> =>
  (await hub.json<OneTimePassword>({ method: 'POST', path: `${at(name)}/one-time-password` })).password

export const grant = (hub: HubClient, name: string, given: NewGrant): Promise<void> =>
  hub.send({ method: 'PUT', path: `${at(name)}/grants`, json: given })

export const revoke = (hub: HubClient, name: string, pattern: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `${at(name)}/grants`, query: { pattern } })

/** Who one is elsewhere. */
export const listIdentities = async (hub: HubClient): Promise<readonly HubIdentity[]> =>
  (await hub.json<IdentityList>({ path: '/identities' })).identities

export const unlinkIdentity = (hub: HubClient, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `/identities/${encodeURIComponent(id)}` })

/** One's own access tokens. */
export const listTokens = async (hub: HubClient): Promise<readonly HubAccessToken[]> =>
  (await hub.json<AccessTokenList>({ path: '/tokens' })).tokens

/** Its text is told this once. */
export const makeToken = (hub: HubClient, wanted: NewAccessToken): Promise<MadeAccessToken> =>
  hub.json({ method: 'POST', path: '/tokens', json: wanted })

export const removeToken = (hub: HubClient, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: `/tokens/${encodeURIComponent(id)}` })
