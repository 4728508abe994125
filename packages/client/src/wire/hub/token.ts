import { Type } from '@sinclair/typebox'
import { about, moment, nullable, type Of, wish } from './schema.ts'

/** An access token; its text is told only when it is made. */
export const HubAccessToken = Type.Object({
  id: Type.String(),
  name: Type.String(),
  limits: about('`team/**:pull,push`; null: all that the account may do', nullable(Type.String())),
  createdAt: moment,
  expiresAt: nullable(moment),
  usedAt: nullable(moment),
})
export type HubAccessToken = Of<typeof HubAccessToken>

export const AccessTokenList = Type.Object({ tokens: Type.Array(HubAccessToken) })
export type AccessTokenList = Of<typeof AccessTokenList>

export const NewAccessToken = wish({
  name: Type.String({ minLength: 1, maxLength: 128 }),
  limits: Type.Optional(Type.String({ maxLength: 4096, description: '`team/**:pull,push other:pull`' })),
  expiresIn: Type.Optional(Type.String({ maxLength: 32, description: '`30d`, `12h`' })),
})
export type NewAccessToken = Of<typeof NewAccessToken>

export const MadeAccessToken = Type.Object({ id: Type.String(), token: Type.String() })
export type MadeAccessToken = Of<typeof MadeAccessToken>
