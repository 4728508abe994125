import type { ServerResponse } from 'node:http'
import { type ApiRequest, type Route, readJson, sendEmpty, sendJson, shape } from '@slipway/http'
import { accountOf } from '../access/caller.ts'
import { authenticate } from '../access/challenge.ts'
import { managed } from '../access/manager.ts'
import type { Registry } from '../registry.ts'
import { addWebhook, listDeliveries, listWebhooks, redeliver, removeWebhook } from './records.ts'

type Handler = (request: ApiRequest, response: ServerResponse, registry: Registry) => Promise<void>

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
  const by = accountOf(await authenticate(request, response, registry))
  const made = await addWebhook(registry.database.sql, { url, pattern, by })
  sendJson(response, 201, made, { 'Cache-Control': 'no-store' })
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
  {
    method: 'DELETE',
    path: '/api/v1/webhooks/{id}',
    handle: managed(async (request, response, { database: { sql } }) => {
      await removeWebhook(sql, idOf(request))
      sendEmpty(response, 204)
    }),
  },
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
