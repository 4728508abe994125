import type { MadeWebhook, Webhook, WebhookDelivery } from '@slipway/client'
import { queryOptions } from '@tanstack/react-query'
import { ask } from '../../calls/ask.ts'
import { hubJson } from '../queries.ts'

/** Of one project, or, without it, of all the registry. */
const hooksOf = (project: string | undefined): string =>
  project === undefined ? '/webhooks' : `/projects/${project}/webhooks`

export const webhooksQuery = (project: string | undefined) =>
  queryOptions({
    queryKey: ['webhooks', project],
    queryFn: ({ signal }) => hubJson<{ readonly webhooks: readonly Webhook[] }>(hooksOf(project), { signal }),
  })

export const deliveriesQuery = (project: string | undefined, id: string) =>
  queryOptions({
    queryKey: ['webhooks', project, id],
    queryFn: ({ signal }) =>
      hubJson<{ readonly deliveries: readonly WebhookDelivery[] }>(`${hooksOf(project)}/${id}/deliveries`, { signal }),
    refetchInterval: 3000,
  })

export const webhookVerbs = (project: string | undefined) =>
  ({
    add: (url: string, pattern: string) =>
      hubJson<MadeWebhook>(hooksOf(project), { method: 'POST', json: { url, pattern } }),
    remove: (id: string) => ask(`/v1${hooksOf(project)}/${id}`, { method: 'DELETE' }),
    redeliver: (id: string, delivery: string) =>
      ask(`/v1${hooksOf(project)}/${id}/deliveries/${delivery}/again`, { method: 'POST' }),
  }) as const
