import { Type } from '@sinclair/typebox'
import { about, count, digest, moment, nullable, type Of, pattern, wish } from './schema.ts'

/** Its secret is told only when it is made. */
export const Webhook = Type.Object({
  id: Type.String(),
  url: Type.String(),
  pattern: about('Of whose repositories it is told: `team/**`', Type.String()),
  createdBy: nullable(Type.String()),
  createdAt: moment,
})
export type Webhook = Of<typeof Webhook>

export const WebhookList = Type.Object({ webhooks: Type.Array(Webhook) })
export type WebhookList = Of<typeof WebhookList>

export const NewWebhook = wish({ url: Type.String({ maxLength: 2000 }), pattern: Type.Optional(pattern) })
export type NewWebhook = Of<typeof NewWebhook>

/** The secret signs what is told (`X-Slipway-Signature`). */
export const MadeWebhook = Type.Object({ id: Type.String(), secret: Type.String() })
export type MadeWebhook = Of<typeof MadeWebhook>

/** What a webhook is told. */
export const WebhookPayload = Type.Object({
  event: Type.Union([Type.Literal('push'), Type.Literal('delete')]),
  repository: Type.String(),
  tag: Type.String(),
  digest: nullable(digest),
  previous: nullable(digest),
  by: nullable(Type.String()),
  at: moment,
})
export type WebhookPayload = Of<typeof WebhookPayload>

export const WebhookDelivery = Type.Object({
  id: Type.String(),
  payload: WebhookPayload,
  createdAt: moment,
  attempts: count,
  nextAt: about('null: it is over, told or given up', nullable(moment)),
  status: about('Of the last answer; null: there was none', nullable(Type.Integer())),
  error: nullable(Type.String()),
})
export type WebhookDelivery = Of<typeof WebhookDelivery>

export const DeliveryList = Type.Object({ deliveries: Type.Array(WebhookDelivery) })
export type DeliveryList = Of<typeof DeliveryList>
