import type { ServerResponse } from 'node:http'
import type { AccessTokenList, MadeAccessToken, NewAccessToken } from '@slipway/client/hub'
import { parseGrants } from '../access/pattern.ts'
import { listAccessTokens, makeAccessToken, removeAccessToken } from '../accounts/access-tokens.ts'
import { noteDeed } from '../audit/note.ts'
import { parseDuration } from '../duration.ts'
import type { Registry } from '../registry.ts'
import type { Asked } from './route.ts'

/** One's own, without their secrets. */
export const getTokens = async (
  { caller: { identity } }: Asked,
  { database: { sql } }: Registry,
): Promise<AccessTokenList> => ({ tokens: await listAccessTokens(sql, identity.name) })

/** The answer is the only time its text is told. */
export const postToken = async (
  asked: Asked<{ readonly body: NewAccessToken }>,
  registry: Registry,
  response: ServerResponse,
): Promise<MadeAccessToken> => {
  const { name, limits, expiresIn } = asked.body
  const account = asked.caller.identity.name
  const { id, text } = await makeAccessToken(registry.database.sql, {
    account,
    kind: 'access',
    name,
    limits: limits === undefined ? undefined : parseGrants(limits),
    expiresAt: expiresIn === undefined ? undefined : new Date(Date.now() + parseDuration(expiresIn)),
  })
  noteDeed(registry, asked, account, { action: 'token.make', subject: id, detail: limits })
  response.setHeader('Cache-Control', 'no-store')
  return { id, token: text }
}

export const deleteToken = async (
  { caller: { identity }, params }: Asked,
  { database: { sql } }: Registry,
): Promise<void> => removeAccessToken(sql, identity.name, params['id'] ?? '')
