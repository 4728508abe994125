import { Type } from '@sinclair/typebox'
import { type Of, pageOf, wish } from './schema.ts'

/** Accounts that are members of projects together. */
export const Team = Type.Object({
  name: Type.String(),
  description: Type.String(),
  members: Type.Array(Type.String()),
})
export type Team = Of<typeof Team>

export const TeamList = pageOf('teams', Team)
export type TeamList = Of<typeof TeamList>

export const NewTeam = wish({ name: Type.String(), description: Type.Optional(Type.String({ maxLength: 250 })) })
export type NewTeam = Of<typeof NewTeam>
