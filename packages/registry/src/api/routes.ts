import {
  AccessTokenList,
  AuditExportQuery,
  AuditListQuery,
  AuditPage,
  GarbagePass,
  GarbageStatus,
  MadeAccessToken,
  NewAccessToken,
  RollbackChoice,
  RolledBack,
  TagHistory,
  TagHistoryQuery,
  Trash,
  UndeleteChoice,
  Undeleted,
} from '@slipway/client/hub'
import { exportAudit, getAudit } from './audit.ts'
import { getGc, runGc } from './gc.ts'
import { deleteRepository, getTagHistory, getTrash, postRollback, postUndelete } from './repositories.ts'
import { type ApiRoute, route } from './route.ts'
import { deleteToken, getTokens, postToken } from './tokens.ts'
import { manager, may, owner } from './who.ts'

/** What the distribution protocol has no words for. */
export const apiRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/gc', {
    id: 'readGarbage',
    summary: 'What waits for the garbage collector, what is next, and what was freed',
    who: manager,
    answer: GarbageStatus,
    handle: getGc,
  }),
  route('POST', '/api/v1/gc/run', {
    id: 'collectGarbage',
    summary: 'A pass of the garbage collector, now',
    who: manager,
    deed: 'gc.run',
    answer: GarbagePass,
    handle: runGc,
  }),
  route('GET', '/api/v1/audit', {
    id: 'listAudit',
    summary: 'What was done, the newest first',
    who: manager,
    query: AuditListQuery,
    answer: AuditPage,
    handle: getAudit,
  }),
  route('GET', '/api/v1/audit/export', {
    id: 'exportAudit',
    summary: 'All of it, or what a filter lets through, as a file, the newest first',
    who: manager,
    query: AuditExportQuery,
    media: ['application/jsonl', 'text/csv'],
    handle: exportAudit,
  }),

  route('GET', '/api/v1/tokens', {
    id: 'listTokens',
    summary: 'One’s own access tokens, without their secrets',
    who: owner,
    answer: AccessTokenList,
    handle: getTokens,
  }),
  route('POST', '/api/v1/tokens', {
    id: 'makeToken',
    summary: 'Makes an access token; its text is told this once',
    who: owner,
    body: NewAccessToken,
    status: 201,
    answer: MadeAccessToken,
    handle: postToken,
  }),
  route('DELETE', '/api/v1/tokens/{id}', {
    id: 'removeToken',
    summary: 'Ends an access token, and whatever was made with it',
    who: owner,
    deed: 'token.remove',
    handle: deleteToken,
  }),

  route('GET', '/api/v1/repositories/{name...}/tags/{tag}/history', {
    id: 'readTagHistory',
    summary: 'What a tag has named, the newest first',
    who: may('pull'),
    query: TagHistoryQuery,
    answer: TagHistory,
    handle: getTagHistory,
  }),
  route('POST', '/api/v1/repositories/{name...}/tags/{tag}/rollback', {
    id: 'rollBackTag',
    summary: 'Points a tag at what it named before, or at the given digest',
    who: may('push'),
    deed: 'tag.rollback',
    body: RollbackChoice,
    answer: RolledBack,
    handle: postRollback,
  }),
  route('GET', '/api/v1/repositories/{name...}/trash', {
    id: 'listTrash',
    summary: 'What can be undeleted',
    who: may('delete'),
    answer: Trash,
    handle: getTrash,
  }),
  route('POST', '/api/v1/repositories/{name...}/undelete', {
    id: 'undelete',
    summary: 'Takes a manifest out of the trash, or all that went with the repository',
    who: may('delete'),
    deed: 'undelete',
    body: UndeleteChoice,
    answer: Undeleted,
    handle: postUndelete,
  }),
  route('DELETE', '/api/v1/repositories/{name...}', {
    id: 'deleteRepository',
    summary: 'Puts a repository and everything in it into the trash',
    who: may('delete'),
    deed: 'repository.delete',
    status: 202,
    handle: deleteRepository,
  }),
]
