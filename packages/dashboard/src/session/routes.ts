import { invalid } from '@slipway/core'
import { checkOwnPage, type Route, readJson, sendEmpty, sendJson, sessionCookie, shape } from '@slipway/http'
import { checkSession, cookieName, sessionSecretOf } from './guard.ts'
import type { Sessions } from './sessions.ts'

interface Deps {
  readonly sessions: Sessions
}

const keyBody = { shape: shape.object('Key', { key: shape.text() }) }

export const sessionRoutes: readonly Route<Deps>[] = [
  {
    method: 'POST',
    path: '/api/session',
    handle: async (request, response, { sessions }) => {
      checkOwnPage(request.raw)
      const { key } = (await readJson(request, keyBody, { limit: 1024 })) ?? {}
      if (key === undefined) throw invalid('a key is needed')
      sendEmpty(response, 204, sessionCookie(request.raw, cookieName, sessions.open(key)))
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
      checkOwnPage(raw)
      sessions.close(sessionSecretOf(raw) ?? '')
      sendEmpty(response, 204, sessionCookie(raw, cookieName, ''))
    },
  },
]
