import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type ApiRequest, sendEmpty, sendJson } from '@slipway/http'
import { requireManager } from '../access/manager.ts'
import { type AuditFilter, allEvents, findEvents, parseFilter } from '../audit/find-events.ts'
import { auditFormats, isAuditFormat, writeEvents } from '../audit/formats.ts'
import { ociError } from '../distribution/oci-error.ts'
import { parsePage } from '../distribution/page.ts'
import type { Registry } from '../registry.ts'

/** What the query asks for, by one who may ask. What waits to be written is written first. */
const prepare = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<AuditFilter> => {
  await requireManager(request, response, registry)
  const filter = parseFilter((name) => request.query.get(name) ?? undefined)
  await registry.audit.flush()
  return filter
}

/**
 * `GET /api/v1/audit?repository=&account=&action=&subject=&address=&since=&until=&before=&n=`: what was done, the newest
 * first. `next` is the `before` of the next page; null: there is none.
 */
export const getAudit = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const filter = await prepare(request, response, registry)
  const { query } = request
  const { size } = parsePage(query)
  const page = { filter, before: query.get('before') ?? '', limit: size + 1 }
  const found = await findEvents(registry.database.sql, page)
  const events = found.slice(0, size)
  sendJson(response, 200, { events, next: found.length > size ? (events.at(-1)?.id ?? null) : null })
}

/** `GET /api/v1/audit/export?format=jsonl|csv`, and a filter: all of it, as a file, the newest first. */
export const exportAudit = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const filter = await prepare(request, response, registry)
  const name = request.query.get('format') ?? 'jsonl'
  if (!isAuditFormat(name)) throw ociError('REQUEST_INVALID', { message: 'format is jsonl or csv' })
  const format = auditFormats[name]
  const headers = {
    'Content-Type': format.mediaType,
    'Content-Disposition': `attachment; filename="audit.${name}"`,
    'Cache-Control': 'no-store',
  }
  if (request.raw.method === 'HEAD') return sendEmpty(response, 200, headers)
  response.writeHead(200, headers)
  await pipeline(Readable.from(writeEvents(allEvents(registry.database.sql, filter), format)), response)
}
