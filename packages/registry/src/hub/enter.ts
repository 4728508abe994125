import type { ApiRequest } from '@slipway/http'
import { addressOf } from '../address.ts'
import type { Registry } from '../registry.ts'
import { hubCookie, sessionSecretOf } from './cookie.ts'
import { closeSession, openSession } from './sessions.ts'

/**
 * Signs a browser in, whichever way its person came; returns the header with its cookie. A session that was there before is
 * nobody's any more: none can be planted (session fixation).
 */
export const enter = async (
  { raw }: Pick<ApiRequest, 'raw'>,
  { database: { sql }, settings }: Registry,
  account: string,
  { showedCode = false }: { readonly showedCode?: boolean } = {},
): Promise<Record<string, string>> => {
  const before = sessionSecretOf(raw)
  if (before !== undefined) await closeSession(sql, before)
  const agent = raw.headers['user-agent'] ?? ''
  const address = addressOf(raw, settings.behindProxy)
  return hubCookie(raw, await openSession(sql, { account, address, agent, showedCode }))
}
