import type { ServerResponse } from 'node:http'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { type ManagerRequest, managed } from '../access/manager.ts'
import { noteDeed } from '../audit/note.ts'
import type { Registry } from '../registry.ts'
import { addWebhook, listDeliveries, listWebhooks, redeliver, removeWebhook } from './records.ts'

type Handler = (request: ManagerRequest, response: ServerResponse, registry: Registry) => Promise<void>

const wish = {
  shape: shape.object<{ readonly url?: string; readonly pattern?: string }>('Webhook', {
    url: shape.text(),
    pattern: shape.text(),
  }),
}

const idOf = ({ params }: ApiRequest, name = 'id'): string => params[name] ?? ''

/** The secret is in the answer, and in no other. */
const add: Handler = async (request, response, registry) => {
  const { url = '', pattern = '**' } = (await readJson(request, wish)) ?? {}
  const by = accountOf(request.caller)
  const made = await addWebhook(registry.database.sql, { url, pattern, by })
  noteDeed(registry, request, by, { action: 'webhook.add', subject: made.id, detail: pattern })
  sendJson(response, 201, made, { 'Cache-Control': 'no-store' })
}

const remove: Handler = async (request, response, registry) => {
  const id = idOf(request)
  await removeWebhook(registry.database.sql, id)
  noteDeed(registry, request, accountOf(request.caller), { action: 'webhook.remove', subject: id })
  sendEmpty(response, 204)
}

export const webhookRoutes: readonly Route<Registry>[] = [
  {
    method: 'GET',
    path: '/api/v1/webhooks',
    handle: managed(async (_request, response, { database: { sql } }) =>
      sendJson(response, 200, { webhooks: await listWebhooks(sql) }),
    ),
  },
  { method: 'POST', path: '/api/v1/webhooks', handle: managed(add) },
  { method: 'DELETE', path: '/api/v1/webhooks/{id}', handle: managed(remove) },
  {
    method: 'GET',
    path: '/api/v1/webhooks/{id}/deliveries',
    handle: managed(async (request, response, { database: { sql } }) =>
      sendJson(response, 200, { deliveries: await listDeliveries(sql, idOf(request)) }),
    ),
  },
  {
    method: 'POST',
    path: '/api/v1/webhooks/{id}/deliveries/{delivery}/again',
    handle: managed(async (request, response, { database: { sql } }) => {
      await redeliver(sql, idOf(request), idOf(request, 'delivery'))
      sendEmpty(response, 202, { 'Content-Length': 0 })
    }),
  },
]
