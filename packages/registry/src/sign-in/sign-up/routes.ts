import type { ServerResponse } from 'node:http'
import { InvitationList, MadeInvitation, NewInvitation, NewSignUp } from '@slipway/client/hub'
import { checkOwnPage } from '@slipway/http'
import { accountOf } from '../../access/caller.ts'
import { parseGrants } from '../../access/pattern.ts'
import { addressOf } from '../../address.ts'
import { type ApiRoute, type Asked, route } from '../../api/route.ts'
import { manager, nobody } from '../../api/who.ts'
import { noteDeed } from '../../audit/note.ts'
import { parseDuration } from '../../duration.ts'
import { setHeaders } from '../../hub/cookie.ts'
import { enter } from '../../hub/enter.ts'
import type { Registry } from '../../registry.ts'
import { listInvitations, makeInvitation, removeInvitation } from './invitations.ts'
import { signUp } from './sign-up.ts'

/** Makes an account, and signs the browser in with it. */
const postSignUp = async (
  asked: Asked<{ readonly body: NewSignUp }>,
  registry: Registry,
  response: ServerResponse,
): Promise<void> => {
  checkOwnPage(asked.raw)
  registry.signIn.signUps.take(addressOf(asked.raw, registry.settings.behindProxy))
  const { name, password, invitation = '' } = asked.body
  await signUp(registry, { name, password, invitation })
  noteDeed(registry, asked, name, { action: 'account.sign-up', subject: name })
  setHeaders(response, await enter(asked, registry, name))
}

/** The answer is the only time that its text is told. */
const add = async (
  asked: Asked<{ readonly body: NewInvitation }>,
  registry: Registry,
  response: ServerResponse,
): Promise<MadeInvitation> => {
  const { note = '', grants = '', expiresIn = '7d' } = asked.body
  const by = accountOf(asked.caller)
  const expiresAt = new Date(Date.now() + parseDuration(expiresIn))
  const made = await makeInvitation(registry.database.sql, { by, note, grants: parseGrants(grants), expiresAt })
  noteDeed(registry, asked, by, { action: 'invitation.make', subject: made.id, detail: grants })
  response.setHeader('Cache-Control', 'no-store')
  return { id: made.id, invitation: made.text }
}

export const signUpRoutes: readonly ApiRoute[] = [
  route('POST', '/api/v1/sign-up', {
    id: 'signUp',
    summary: 'Makes an account for who asks, where the settings or an invitation allow it, and signs the browser in',
    who: nobody,
    body: NewSignUp,
    largestBody: 8192,
    status: 201,
    handle: postSignUp,
  }),
  route('GET', '/api/v1/invitations', {
    id: 'listInvitations',
    summary: 'Invitations that nobody has used yet',
    who: manager,
    answer: InvitationList,
    handle: async (_asked, { database: { sql } }) => ({ invitations: await listInvitations(sql) }),
  }),
  route('POST', '/api/v1/invitations', {
    id: 'makeInvitation',
    summary: 'Makes an invitation, for one sign-up; its text is told this once',
    who: manager,
    body: NewInvitation,
    status: 201,
    answer: MadeInvitation,
    handle: add,
  }),
  route('DELETE', '/api/v1/invitations/{id}', {
    id: 'removeInvitation',
    summary: 'Takes an invitation back',
    who: manager,
    deed: 'invitation.remove',
    handle: ({ params }, { database: { sql } }) => removeInvitation(sql, params['id'] ?? ''),
  }),
]
