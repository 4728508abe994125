import type { ServerResponse } from 'node:http'
import { type ApiRequest, sendJson } from '@slipway/http'
import { requireManager } from '../access/manager.ts'
import { listEvents } from '../audit/events.ts'
import { parsePage } from '../distribution/page.ts'
import type { Registry } from '../registry.ts'

/** `GET /api/v1/audit?repository=&before=&n=`: what was done, the newest first; `before` is the id of the last one seen. */
export const getAudit = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  await requireManager(request, response, registry)
  await registry.audit.flush()
  const { query } = request
  const repository = query.get('repository') ?? undefined
  const { size } = parsePage(query)
  const events = await listEvents(registry.database.sql, { repository, before: query.get('before') ?? '', limit: size })
  sendJson(response, 200, { events })
}
