import { invalid } from '@slipway/core'
import { type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { checkOrigin, checkSession, cookieName, sessionSecretOf } from './guard.ts'
import type { Sessions } from './sessions.ts'

interface Deps {
  readonly sessions: Sessions
}

const keyBody = { shape: shape.object('Key', { key: shape.text() }) }

/** Seen by no script, sent to no other site. Not `Secure`: the dashboard speaks plain HTTP, on loopback. */
const cookie = (value: string, extra = ''): Record<string, string> => ({
  'Set-Cookie': `${cookieName}=${value}; Path=/; HttpOnly; SameSite=Strict${extra}`,
})

export const sessionRoutes: readonly Route<Deps>[] = [
  {
    method: 'POST',
    path: '/api/session',
    handle: async (request, response, { sessions }) => {
      checkOrigin(request.raw)
      const { key } = (await readJson(request, keyBody, { limit: 1024 })) ?? {}
      if (key === undefined) throw invalid('a key is needed')
      sendEmpty(response, 204, cookie(sessions.open(key)))
    },
  },
  {
    method: 'GET',
    path: '/api/session',
    handle: async ({ raw }, response, { sessions }) => {
      checkSession(raw, sessions)
      sendJson(response, 200, {})
    },
  },
  {
    method: 'DELETE',
    path: '/api/session',
    handle: async ({ raw }, response, { sessions }) => {
      checkOrigin(raw)
      sessions.close(sessionSecretOf(raw) ?? '')
      sendEmpty(response, 204, cookie('', '; Max-Age=0'))
    },
  },
]
