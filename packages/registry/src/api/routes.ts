import type { Route } from '@slipway/http'
import { repositoryRoute as on } from '../distribution/repository-route.ts'
import type { Registry } from '../registry.ts'
import { exportAudit, getAudit } from './audit.ts'
import { getGc, runGc } from './gc.ts'
import { deleteRepository, getTagHistory, getTrash, postRollback, postUndelete } from './repositories.ts'
import { deleteToken, getTokens, postToken } from './tokens.ts'

/** Our own API: what the distribution protocol has no words for. */
export const apiRoutes: readonly Route<Registry>[] = [
  { method: 'GET', path: '/api/v1/gc', handle: getGc },
  { method: 'POST', path: '/api/v1/gc/run', handle: runGc },
  { method: 'GET', path: '/api/v1/audit', handle: getAudit },
  { method: 'GET', path: '/api/v1/audit/export', handle: exportAudit },

  { method: 'GET', path: '/api/v1/tokens', handle: getTokens },
  { method: 'POST', path: '/api/v1/tokens', handle: postToken },
  { method: 'DELETE', path: '/api/v1/tokens/{id}', handle: deleteToken },

  on('GET', '/api/v1/repositories/{name...}/tags/{tag}/history', 'pull', getTagHistory),
  on('POST', '/api/v1/repositories/{name...}/tags/{tag}/rollback', 'push', postRollback, 'tag.rollback'),
  on('GET', '/api/v1/repositories/{name...}/trash', 'delete', getTrash),
  on('POST', '/api/v1/repositories/{name...}/undelete', 'delete', postUndelete, 'undelete'),
  on('DELETE', '/api/v1/repositories/{name...}', 'delete', deleteRepository, 'repository.delete'),
]
