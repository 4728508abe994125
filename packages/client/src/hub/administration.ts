import type {
  AuditExportQuery,
  AuditFilterQuery,
  AuditPage,
  DeliveryList,
  GarbagePass,
  GarbageStatus,
  HubAuditEvent,
  MadeWebhook,
  NewWebhook,
  Webhook,
  WebhookDelivery,
  WebhookList,
} from '../wire/hub/index.ts'
import { type HubClient, rowsOf } from './hub-client.ts'

const hookAt = (id: string): string => `/webhooks/${encodeURIComponent(id)}`

/** The API's own description, OpenAPI 3.1. */
export const describe = (hub: HubClient): Promise<object> => hub.json({ path: '/openapi.json' })

export const readGarbage = (hub: HubClient): Promise<GarbageStatus> => hub.json({ path: '/gc' })

/** A pass now; what it did. */
export const collectGarbage = (hub: HubClient): Promise<GarbagePass> => hub.json({ method: 'POST', path: '/gc/run' })

/** What was done, the newest first, page by page as it is wanted. */
export const listAudit = (hub: HubClient, query: AuditFilterQuery & { readonly n?: number } = {}) =>
  rowsOf<AuditPage, HubAuditEvent>(hub, { path: '/audit', query }, ({ events }) => events, 'before')

/** The same as a file, in bytes as they come. */
export const exportAudit = async (hub: HubClient, query: AuditExportQuery = {}): Promise<AsyncIterable<Uint8Array>> =>
  await hub.request({ path: '/audit/export', query })

export const listWebhooks = async (hub: HubClient): Promise<readonly Webhook[]> =>
  (await hub.json<WebhookList>({ path: '/webhooks' })).webhooks

/** Its secret is told this once. */
export const addWebhook = (hub: HubClient, wanted: NewWebhook): Promise<MadeWebhook> =>
  hub.json({ method: 'POST', path: '/webhooks', json: wanted })

export const removeWebhook = (hub: HubClient, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: hookAt(id) })

/** The newest first. */
export const listDeliveries = async (hub: HubClient, id: string): Promise<readonly WebhookDelivery[]> =>
  (await hub.json<DeliveryList>({ path: `${hookAt(id)}/deliveries` })).deliveries

/** Once more, at once. */
export const redeliver = (hub: HubClient, id: string, delivery: string): Promise<void> =>
  hub.send({ method: 'POST', path: `${hookAt(id)}/deliveries/${encodeURIComponent(delivery)}/again` })
