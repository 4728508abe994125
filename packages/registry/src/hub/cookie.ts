import type { IncomingMessage, ServerResponse } from 'node:http'
import { cookieOf, sessionCookie } from '@slipway/http'

const name = 'slipway_hub'

/** The secret of a browser's session; undefined where there is none. */
export const sessionSecretOf = (request: IncomingMessage): string | undefined => cookieOf(request, name)

/** The header that gives a browser its session; '' takes it away. */
export const hubCookie = (request: IncomingMessage, secret: string): Record<string, string> =>
  sessionCookie(request, name, secret)

export const setHeaders = (response: ServerResponse, headers: Readonly<Record<string, string>>): void => {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}
