import { Type } from '@sinclair/typebox'
import { about, moment, nullable, type Of, wish } from './schema.ts'

/** How one may come in here. */
export const HubSignIn = Type.Object({
  signUp: Type.Union([Type.Literal('open'), Type.Literal('invitation'), Type.Literal('off')]),
  provider: about(
    'What the provider is called that one may sign in with; null: there is none',
    nullable(Type.String()),
  ),
})
export type HubSignIn = Of<typeof HubSignIn>

export const NewSignUp = wish({
  name: Type.String(),
  password: Type.String(),
  invitation: Type.Optional(Type.String({ maxLength: 200 })),
})
export type NewSignUp = Of<typeof NewSignUp>

/** One that nobody has used yet. Its text is told only when it is made. */
export const HubInvitation = Type.Object({
  id: Type.String(),
  note: about('For whom it is, in the words of who made it', Type.String()),
  grants: about("`team/**:pull,push …`; '' for nothing but a project of one's own", Type.String()),
  createdBy: nullable(Type.String()),
  createdAt: moment,
  expiresAt: moment,
})
export type HubInvitation = Of<typeof HubInvitation>

export const InvitationList = Type.Object({ invitations: Type.Array(HubInvitation) })
export type InvitationList = Of<typeof InvitationList>

export const NewInvitation = wish({
  note: Type.Optional(Type.String({ maxLength: 200, description: 'for whom it is' })),
  grants: Type.Optional(Type.String({ maxLength: 4096, description: '`team/**:pull,push other:pull`' })),
  expiresIn: Type.Optional(Type.String({ maxLength: 32, description: '`7d` where nothing is said; 90d at most' })),
})
export type NewInvitation = Of<typeof NewInvitation>

export const MadeInvitation = Type.Object({ id: Type.String(), invitation: Type.String() })
export type MadeInvitation = Of<typeof MadeInvitation>
