import { Type } from '@sinclair/typebox'
import { moment, type Of } from './schema.ts'

/** Who one is for a provider or a directory. */
export const HubIdentity = Type.Object({
  id: Type.String(),
  issuer: Type.String({ description: 'a provider’s address, or `ldap`' }),
  label: Type.String({ description: 'as they are called there' }),
  linkedAt: moment,
})
export type HubIdentity = Of<typeof HubIdentity>

export const IdentityList = Type.Object({ identities: Type.Array(HubIdentity) })
export type IdentityList = Of<typeof IdentityList>
