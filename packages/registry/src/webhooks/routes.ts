import type { ServerResponse } from 'node:http'
import { DeliveryList, MadeWebhook, NewWebhook, WebhookList } from '@slipway/client/hub'
import { accountOf } from '../access/caller.ts'
import { type ApiRoute, type Asked, route } from '../api/route.ts'
import { manager } from '../api/who.ts'
import { noteDeed } from '../audit/note.ts'
import type { Registry } from '../registry.ts'
import { addWebhook, listDeliveries, listWebhooks, redeliver, removeWebhook } from './records.ts'

const idOf = ({ params }: Asked): string => params['id'] ?? ''

/** The secret is in the answer, and in no other. */
const add = async (
  asked: Asked<{ readonly body: NewWebhook }>,
  registry: Registry,
  response: ServerResponse,
): Promise<MadeWebhook> => {
  const { url, pattern = '**' } = asked.body
  const by = accountOf(asked.caller)
  const made = await addWebhook(registry.database.sql, { url, pattern, by })
  noteDeed(registry, asked, by, { action: 'webhook.add', subject: made.id, detail: pattern })
  response.setHeader('Cache-Control', 'no-store')
  return made
}

export const webhookRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/webhooks', {
    id: 'listWebhooks',
    summary: 'Who is told of pushes and deletes',
    who: manager,
    answer: WebhookList,
    handle: async (_asked, { database: { sql } }) => ({ webhooks: await listWebhooks(sql) }),
  }),
  route('POST', '/api/v1/webhooks', {
    id: 'addWebhook',
    summary: 'Adds one; its secret is told this once',
    who: manager,
    body: NewWebhook,
    status: 201,
    answer: MadeWebhook,
    handle: add,
  }),
  route('DELETE', '/api/v1/webhooks/{id}', {
    id: 'removeWebhook',
    summary: 'Removes one, with what it was still to be told',
    who: manager,
    deed: 'webhook.remove',
    handle: (asked, { database: { sql } }) => removeWebhook(sql, idOf(asked)),
  }),
  route('GET', '/api/v1/webhooks/{id}/deliveries', {
    id: 'listDeliveries',
    summary: 'What a webhook was told, and is still to be told, the newest first',
    who: manager,
    answer: DeliveryList,
    handle: async (asked, { database: { sql } }) => ({ deliveries: await listDeliveries(sql, idOf(asked)) }),
  }),
  route('POST', '/api/v1/webhooks/{id}/deliveries/{delivery}/again', {
    id: 'redeliver',
    summary: 'Tells it once more, at once',
    who: manager,
    status: 202,
    handle: (asked, { database: { sql } }) => redeliver(sql, idOf(asked), asked.params['delivery'] ?? ''),
  }),
]
