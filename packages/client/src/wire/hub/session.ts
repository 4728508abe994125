import { Type } from '@sinclair/typebox'
import { about, moment, nullable, type Of, wish } from './schema.ts'

/** Who asks, and what that one may do with the registry itself. */
export const HubSession = Type.Object({
  account: about('null: nobody has signed in', nullable(Type.String())),
  manages: about('May manage the registry itself', Type.Boolean()),
  origin: about(
    "Who knows the account's password: the registry, a directory, or a provider; null: nobody has signed in",
    nullable(Type.Union([Type.Literal('local'), Type.Literal('ldap'), Type.Literal('oidc')])),
  ),
  due: about(
    'What is to be done before all else: another password chosen than the one that somebody else made, a second factor set up',
    nullable(Type.Union([Type.Literal('password'), Type.Literal('second-factor')])),
  ),
})
export type HubSession = Of<typeof HubSession>

export const HubLogin = wish({
  user: Type.String(),
  password: Type.String(),
  code: Type.Optional(Type.String({ maxLength: 64, description: 'of the second factor, where there is one' })),
})
export type HubLogin = Of<typeof HubLogin>

/** A browser in which somebody has signed in. */
export const HubBrowser = Type.Object({
  id: Type.String(),
  address: Type.String(),
  agent: about('As the browser calls itself', Type.String()),
  createdAt: moment,
  usedAt: nullable(moment),
  isThis: about('The one that asks', Type.Boolean()),
})
export type HubBrowser = Of<typeof HubBrowser>

export const BrowserList = Type.Object({ sessions: Type.Array(HubBrowser) })
export type BrowserList = Of<typeof BrowserList>

export const PasswordChange = wish({ old: Type.String(), new: Type.String() })
export type PasswordChange = Of<typeof PasswordChange>

/** It is told this once. */
export const OneTimePassword = Type.Object({ password: Type.String() })
export type OneTimePassword = Of<typeof OneTimePassword>
