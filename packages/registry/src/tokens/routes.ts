import type { Route } from '@slipway/http'
import type { Registry } from '../registry.ts'
import { getToken, postToken } from './issue.ts'

/** Docker's token server, which the registry is itself. */
export const tokenRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/token', handle: getToken },
  { method: 'POST', path: '/token', handle: postToken },
]
