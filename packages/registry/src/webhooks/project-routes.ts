import type { ServerResponse } from 'node:http'
import { DeliveryList, MadeWebhook, NewWebhook, WebhookList } from '@slipway/client/hub'
import { invalid } from '@slipway/core'
import { accountOf } from '../access/caller.ts'
import { type ApiRoute, type Asked, route } from '../api/route.ts'
import { noteDeed } from '../audit/note.ts'
import { inProject } from '../projects/who.ts'
import type { Registry } from '../registry.ts'
import { addWebhook, checkWebhookIn, listDeliveries, listWebhooksIn, redeliver, removeWebhook } from './records.ts'

/** Throws not-found for a webhook of another project. */
const idIn = async ({ project, params }: Asked, { database: { sql } }: Registry): Promise<string> => {
  const id = params['id'] ?? ''
  await checkWebhookIn(sql, project, id)
  return id
}

/** The secret is in the answer, and in no other. */
const add = async (
  asked: Asked<{ readonly body: NewWebhook }>,
  registry: Registry,
  response: ServerResponse,
): Promise<MadeWebhook> => {
  const { project, body } = asked
  const { url, pattern = `${project}/**` } = body
  if (!pattern.startsWith(`${project}/`)) throw invalid(`a webhook of this project is for ${project}/…`)
  const by = accountOf(asked.caller)
  const made = await addWebhook(registry.database.sql, { url, pattern, by })
  noteDeed(registry, asked, by, { action: 'webhook.add', repository: `${project}/`, subject: made.id, detail: pattern })
  response.setHeader('Cache-Control', 'no-store')
  return made
}

const who = inProject('delete')

/** The webhooks that are for repositories of one project, whoever made them; those for more are the managers'. */
export const projectWebhookRoutes: readonly ApiRoute[] = [
  route('GET', '/api/v1/projects/{project}/webhooks', {
    id: 'listProjectWebhooks',
    summary: 'Who is told of pushes and deletes in the project',
    who,
    answer: WebhookList,
    handle: async ({ project }, { database: { sql } }) => ({ webhooks: await listWebhooksIn(sql, project) }),
  }),
  route('POST', '/api/v1/projects/{project}/webhooks', {
    id: 'addProjectWebhook',
    summary: 'Adds one for the project, or for what a pattern names in it; its secret is told this once',
    who,
    body: NewWebhook,
    status: 201,
    answer: MadeWebhook,
    handle: add,
  }),
  route('DELETE', '/api/v1/projects/{project}/webhooks/{id}', {
    id: 'removeProjectWebhook',
    summary: 'Removes one, with what it was still to be told',
    who,
    deed: 'webhook.remove',
    handle: async (asked, registry) => removeWebhook(registry.database.sql, await idIn(asked, registry)),
  }),
  route('GET', '/api/v1/projects/{project}/webhooks/{id}/deliveries', {
    id: 'listProjectDeliveries',
    summary: 'What a webhook was told, and is still to be told, the newest first',
    who,
    answer: DeliveryList,
    handle: async (asked, registry) => ({
      deliveries: await listDeliveries(registry.database.sql, await idIn(asked, registry)),
    }),
  }),
  route('POST', '/api/v1/projects/{project}/webhooks/{id}/deliveries/{delivery}/again', {
    id: 'redeliverInProject',
    summary: 'Tells it once more, at once',
    who,
    status: 202,
    handle: async (asked, registry) =>
      redeliver(registry.database.sql, await idIn(asked, registry), asked.params['delivery'] ?? ''),
  }),
]
