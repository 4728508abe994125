import type { ServerResponse } from 'node:http'
import { type ApiRequest, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import type { Caller } from '../access/caller.ts'
import { authenticate, setChallenge } from '../access/challenge.ts'
import { parseGrants } from '../access/pattern.ts'
import { listAccessTokens, makeAccessToken, removeAccessToken } from '../accounts/access-tokens.ts'
import { noteDeed } from '../audit/note.ts'
import { ociError } from '../distribution/oci-error.ts'
import { parseDuration } from '../duration.ts'
import type { Registry } from '../registry.ts'

/** The account itself, for who shows its password: a token doesn't beget tokens. */
const ownerOf = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<Caller> => {
  const caller = await authenticate(request, response, registry)
  if (caller.identity.kind === 'anonymous') {
    setChallenge(request, response)
    throw ociError('UNAUTHORIZED')
  }
  const byPassword = caller.access === undefined && !caller.byAccessToken
  if (!byPassword || caller.identity.kind !== 'user') throw ociError('DENIED')
  return caller
}

interface Wish {
  readonly name?: string
  readonly limits?: string
  readonly expiresIn?: string
}

const wish = {
  shape: shape.object<Wish>('Token', { name: shape.text(), limits: shape.text(), expiresIn: shape.text() }),
}

/** `GET /api/v1/tokens`: one's own access tokens, without their secrets. */
export const getTokens = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const { identity } = await ownerOf(request, response, registry)
  sendJson(response, 200, { tokens: await listAccessTokens(registry.database.sql, identity.name) })
}

/** `POST /api/v1/tokens` `{"name": "ci", "limits": "team/**:pull", "expiresIn": "30d"}`: the answer is the only time its text is told. */
export const postToken = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await ownerOf(request, response, registry)
  const account = caller.identity.name
  const { name = '', limits, expiresIn } = (await readJson(request, wish)) ?? {}
  const made = await makeAccessToken(registry.database.sql, {
    account,
    kind: 'access',
    name,
    limits: limits === undefined ? undefined : parseGrants(limits),
    expiresAt: expiresIn === undefined ? undefined : new Date(Date.now() + parseDuration(expiresIn)),
  })
  noteDeed(registry, request, caller.identity.name, { action: 'token.make', subject: made.id, detail: limits })
  sendJson(response, 201, { id: made.id, token: made.text }, { 'Cache-Control': 'no-store' })
}

/** `DELETE /api/v1/tokens/{id}` */
export const deleteToken = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await ownerOf(request, response, registry)
  const id = request.params['id'] ?? ''
  await removeAccessToken(registry.database.sql, caller.identity.name, id)
  noteDeed(registry, request, caller.identity.name, { action: 'token.remove', subject: id })
  sendEmpty(response, 204)
}
