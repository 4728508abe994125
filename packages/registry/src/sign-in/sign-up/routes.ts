import type { ServerResponse } from 'node:http'
import type { HubInvitation } from '@slipway/client'
import { type ApiRequest, checkOwnPage, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf } from '../../access/caller.ts'
import { type ManagerRequest, managed } from '../../access/manager.ts'
import { parseGrants } from '../../access/pattern.ts'
import { addressOf } from '../../address.ts'
import { noteDeed } from '../../audit/note.ts'
import { parseDuration } from '../../duration.ts'
import { enter } from '../../hub/enter.ts'
import type { Registry } from '../../registry.ts'
import { listInvitations, makeInvitation, removeInvitation } from './invitations.ts'
import { signUp } from './sign-up.ts'

const { object, text } = shape

type Handler<Request> = (request: Request, response: ServerResponse, registry: Registry) => Promise<void>

interface Wish {
  readonly name?: string
  readonly password?: string
  readonly invitation?: string
}

const wish = { shape: object<Wish>('SignUp', { name: text(), password: text(), invitation: text() }) }

/** `POST /api/v1/sign-up`: makes an account, and signs the browser in with it. */
const postSignUp: Handler<ApiRequest> = async (request, response, registry) => {
  checkOwnPage(request.raw)
  registry.signIn.signUps.take(addressOf(request.raw, registry.settings.behindProxy))
  const { name = '', password = '', invitation = '' } = (await readJson(request, wish, { limit: 8192 })) ?? {}
  await signUp(registry, { name, password, invitation })
  noteDeed(registry, request, name, { action: 'account.sign-up', subject: name })
  sendEmpty(response, 201, { 'Content-Length': 0, ...(await enter(request, registry, name)) })
}

interface InvitationWish {
  readonly note?: string
  readonly grants?: string
  readonly expiresIn?: string
}

const invitationWish = {
  shape: object<InvitationWish>('Invitation', { note: text(), grants: text(), expiresIn: text() }),
}

const list: Handler<ManagerRequest> = async (_request, response, { database: { sql } }) => {
  sendJson(response, 200, { invitations: (await listInvitations(sql)) satisfies readonly HubInvitation[] })
}

/** The answer is the only time that its text is told. */
const add: Handler<ManagerRequest> = async (request, response, registry) => {
  const { note = '', grants = '', expiresIn = '7d' } = (await readJson(request, invitationWish)) ?? {}
  const by = accountOf(request.caller)
  const expiresAt = new Date(Date.now() + parseDuration(expiresIn))
  const made = await makeInvitation(registry.database.sql, { by, note, grants: parseGrants(grants), expiresAt })
  noteDeed(registry, request, by, { action: 'invitation.make', subject: made.id, detail: grants })
  sendJson(response, 201, { id: made.id, invitation: made.text }, { 'Cache-Control': 'no-store' })
}

const remove: Handler<ManagerRequest> = async (request, response, registry) => {
  const id = request.params['id'] ?? ''
  await removeInvitation(registry.database.sql, id)
  noteDeed(registry, request, accountOf(request.caller), { action: 'invitation.remove', subject: id })
  sendEmpty(response, 204)
}

export const signUpRoutes: readonly Route<Registry>[] = [
  { method: 'POST', path: '/api/v1/sign-up', handle: postSignUp },
  { method: 'GET', path: '/api/v1/invitations', handle: managed(list) },
  { method: 'POST', path: '/api/v1/invitations', handle: managed(add) },
  { method: 'DELETE', path: '/api/v1/invitations/{id}', handle: managed(remove) },
]
