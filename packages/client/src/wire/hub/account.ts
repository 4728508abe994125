import { Type } from '@sinclair/typebox'
import { about, actions, moment, nullable, type Of, pageOf, pattern, wish } from './schema.ts'

/** What an account may do. */
export const HubGrant = Type.Object({
  pattern: about('`team/app`, `team/**`, or `**` for everything', Type.String()),
  actions: Type.Array(Type.String()),
})
export type HubGrant = Of<typeof HubGrant>

export const HubAccount = Type.Object({
  name: Type.String(),
  kind: Type.Union([Type.Literal('user'), Type.Literal('robot')]),
  createdAt: moment,
  disabledAt: about('null: it is not', nullable(moment)),
  origin: about(
    'Who knows the password: the registry, a directory, or a provider',
    Type.Union([Type.Literal('local'), Type.Literal('ldap'), Type.Literal('oidc')]),
  ),
  hasSecondFactor: Type.Boolean(),
  secondFactorRequired: Type.Boolean(),
  grants: Type.Array(HubGrant),
})
export type HubAccount = Of<typeof HubAccount>

export const AccountList = pageOf('accounts', HubAccount)
export type AccountList = Of<typeof AccountList>

export const NewAccount = wish({
  name: Type.String(),
  password: Type.Optional(Type.String({ description: 'missing: a robot, which comes with access tokens' })),
  pattern: Type.Optional(pattern),
  actions: Type.Optional(actions),
})
export type NewAccount = Of<typeof NewAccount>

/** Without a pattern: on everything; without actions: all of them. */
export const NewGrant = wish({ pattern: Type.Optional(pattern), actions: Type.Optional(actions) })
export type NewGrant = Of<typeof NewGrant>

export const GrantChoice = Type.Object({ pattern: Type.String({ description: 'of the grant that is taken away' }) })
export type GrantChoice = Of<typeof GrantChoice>
