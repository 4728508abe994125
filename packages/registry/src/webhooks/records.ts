import { randomBytes, randomUUID } from 'node:crypto'
import type { Webhook, WebhookDelivery } from '@slipway/client'
import { invalid, notFound, type Sql } from '@slipway/core'
import { likeOf, parsePattern } from '../access/pattern.ts'

const longestUrl = 2000
/** Of what was told, so many are kept for each webhook. */
const keptDeliveries = 200

/** http or https, without a name and a password in it. Throws invalid. */
const checkUrl = (text: string): string => {
  const url = URL.canParse(text) && text.length <= longestUrl ? new URL(text) : undefined
  const isWeb = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (url === undefined || !isWeb || url.username !== '' || url.password !== '') {
    throw invalid('the address of a webhook is an http or https URL without credentials')
  }
  return url.href
}

/** Its secret is told now and never again. Throws invalid. */
export const addWebhook = async (
  sql: Sql,
  wanted: { readonly url: string; readonly pattern: string; readonly by: string | null },
): Promise<{ readonly id: string; readonly secret: string }> => {
  const [id, secret] = [randomUUID(), randomBytes(32).toString('base64url')]
  const pattern = parsePattern(wanted.pattern)
  await sql`
    INSERT INTO webhook (id, url, secret, pattern, names, created_by, created_at)
    VALUES (${id}, ${checkUrl(wanted.url)}, ${secret}, ${pattern}, ${likeOf(pattern)}, ${wanted.by}, ${new Date()})`
  return { id, secret }
}

/** Throws not-found. */
export const removeWebhook = async (sql: Sql, id: string): Promise<void> => {
  const rows = await sql`DELETE FROM webhook WHERE id = ${id} RETURNING id`
  if (rows.length === 0) throw notFound('webhook', id)
}

export const listWebhooks = (sql: Sql): Promise<readonly Webhook[]> =>
  sql<Webhook>`
    SELECT id, url, pattern, created_by AS "createdBy", created_at AS "createdAt" FROM webhook ORDER BY created_at, id`

/** What LIKE finds of a project: patterns are names, so their letters are escaped. */
const below = (project: string): string => `${likeOf(project)}/%`

/** Those that are for repositories of this project alone. */
export const listWebhooksIn = (sql: Sql, project: string): Promise<readonly Webhook[]> =>
  sql<Webhook>`
    SELECT id, url, pattern, created_by AS "createdBy", created_at AS "createdAt" FROM webhook
    WHERE pattern LIKE ${below(project)} ESCAPE '\\' ORDER BY created_at, id`

/** Throws not-found when it is for others too. */
export const checkWebhookIn = async (sql: Sql, project: string, id: string): Promise<void> => {
  const rows = await sql`SELECT 1 FROM webhook WHERE id = ${id} AND pattern LIKE ${below(project)} ESCAPE '\\'`
  if (rows.length === 0) throw notFound('webhook', id)
}

/** The newest first. */
export const listDeliveries = async (sql: Sql, webhookId: string): Promise<readonly WebhookDelivery[]> => {
  const rows = await sql<Omit<WebhookDelivery, 'payload'> & { payload: string }>`
    SELECT id, payload, created_at AS "createdAt", attempts, next_at AS "nextAt", status, error
    FROM webhook_delivery WHERE webhook_id = ${webhookId} ORDER BY created_at DESC, id LIMIT ${keptDeliveries}`
  return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) }))
}

/** To be told once more, at once. Throws not-found. */
export const redeliver = async (sql: Sql, webhookId: string, id: string): Promise<void> => {
  const rows = await sql`
    UPDATE webhook_delivery SET next_at = ${new Date()}, attempts = 0
    WHERE id = ${id} AND webhook_id = ${webhookId} RETURNING id`
  if (rows.length === 0) throw notFound('delivery', id)
}

/** Forgets the oldest of those that are over. */
export const trimDeliveries = async (sql: Sql, webhookId: string): Promise<void> => {
  await sql`
    DELETE FROM webhook_delivery WHERE webhook_id = ${webhookId} AND next_at IS NULL AND id NOT IN (
      SELECT id FROM webhook_delivery WHERE webhook_id = ${webhookId}
      ORDER BY created_at DESC, id LIMIT ${keptDeliveries})`
}
