import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { AuditExportQuery, AuditFilterQuery, AuditListQuery, AuditPage } from '@slipway/client/hub'
import { sendEmpty } from '@slipway/http'
import { type AuditFilter, allEvents, findEvents, parseFilter } from '../audit/find-events.ts'
import { auditFormats, writeEvents } from '../audit/formats.ts'
import type { Registry } from '../registry.ts'
import type { Asked } from './route.ts'

/** What the query asks for. What waits to be written is written first. */
const prepare = async (query: AuditFilterQuery, { audit }: Registry): Promise<AuditFilter> => {
  const filter = parseFilter((name) => query[name])
  await audit.flush()
  return filter
}

const largestPage = 1000

/** What was done, the newest first. */
export const getAudit = async (
  { query: { n = largestPage, before = '', ...wanted } }: Asked<{ readonly query: AuditListQuery }>,
  registry: Registry,
): Promise<AuditPage> => {
  const filter = await prepare(wanted, registry)
  const size = Math.min(n, largestPage)
  const found = await findEvents(registry.database.sql, { filter, before, limit: size + 1 })
  const events = found.slice(0, size)
  return { events, next: found.length > size ? (events.at(-1)?.id ?? null) : null }
}

/** All of it, as a file, the newest first. */
export const exportAudit = async (
  { raw, query: { format: name = 'jsonl', ...wanted } }: Asked<{ readonly query: AuditExportQuery }>,
  registry: Registry,
  response: ServerResponse,
): Promise<void> => {
  const filter = await prepare(wanted, registry)
  const format = auditFormats[name]
  const headers = {
    'Content-Type': format.mediaType,
    'Content-Disposition': `attachment; filename="audit.${name}"`,
    'Cache-Control': 'no-store',
  }
  if (raw.method === 'HEAD') return sendEmpty(response, 200, headers)
  response.writeHead(200, headers)
  await pipeline(Readable.from(writeEvents(allEvents(registry.database.sql, filter), format)), response)
}
