import type { ServerResponse } from 'node:http'
import { type ApiRequest, sendJson } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { requireManager } from '../access/manager.ts'
import { noteDeed } from '../audit/note.ts'
import { readGcStatus } from '../gc/status.ts'
import type { Registry } from '../registry.ts'

/** `GET /api/v1/gc`: what waits, what is next, what the last pass did, and what was freed since the beginning. */
export const getGc = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  await requireManager(request, response, registry)
  sendJson(response, 200, { ...registry.collector.state, ...(await readGcStatus(registry.database)) })
}

/** `POST /api/v1/gc/run`: a pass now; the answer is what it did. */
export const runGc = async (request: ApiRequest, response: ServerResponse, registry: Registry): Promise<void> => {
  const caller = await requireManager(request, response, registry)
  noteDeed(registry, request, accountOf(caller), { action: 'gc.run' })
  sendJson(response, 200, await registry.collector.run())
}
