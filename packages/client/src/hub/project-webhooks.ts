import type { DeliveryList, MadeWebhook, NewWebhook, Webhook, WebhookDelivery, WebhookList } from '../wire/hub/index.ts'
import type { HubClient } from './hub-client.ts'

const hooksOf = (project: string): string => `/projects/${encodeURIComponent(project)}/webhooks`
const hookAt = (project: string, id: string): string => `${hooksOf(project)}/${encodeURIComponent(id)}`

/** Those that are for the project alone. */
export const listProjectWebhooks = async (hub: HubClient, project: string): Promise<readonly Webhook[]> =>
  (await hub.json<WebhookList>({ path: hooksOf(project) })).webhooks

/** For all of the project, where no pattern is given. Its secret is told this once. */
export const addProjectWebhook = (hub: HubClient, project: string, wanted: NewWebhook): Promise<MadeWebhook> =>
  hub.json({ method: 'POST', path: hooksOf(project), json: wanted })

export const removeProjectWebhook = (hub: HubClient, project: string, id: string): Promise<void> =>
  hub.send({ method: 'DELETE', path: hookAt(project, id) })

/** The newest first. */
export const listProjectDeliveries = async (
  hub: HubClient,
  project: string,
  id: string,
): Promise<readonly WebhookDelivery[]> =>
  (await hub.json<DeliveryList>({ path: `${hookAt(project, id)}/deliveries` })).deliveries

/** Once more, at once. */
export const redeliverInProject = (hub: HubClient, project: string, id: string, delivery: string): Promise<void> =>
  hub.send({ method: 'POST', path: `${hookAt(project, id)}/deliveries/${encodeURIComponent(delivery)}/again` })
