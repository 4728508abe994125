import type { ServerResponse } from 'node:http'
import type { HubSignIn } from '@slipway/client'
import { type ApiRequest, type Route, sendJson } from '@slipway/http'
import type { Registry } from '../registry.ts'
import { signUpRoutes } from './sign-up/routes.ts'

/** `GET /api/v1/sign-in`: the ways there are, for the page that offers them. */
const getWays = async (_request: ApiRequest, response: ServerResponse, { signIn }: Registry): Promise<void> => {
  const { signUp } = signIn.settings
  sendJson(response, 200, { signUp } satisfies HubSignIn)
}

export const signInRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/api/v1/sign-in', handle: getWays },
  ...signUpRoutes,
]
