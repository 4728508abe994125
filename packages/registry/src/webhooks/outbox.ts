import { randomUUID } from 'node:crypto'
import type { Digest, Sql } from '@slipway/core'

/** What happened to a tag. A digest of null: it was taken away; a previous one of null: it is new. */
export interface TagChange {
  readonly repositoryId: number
  readonly name: string
  readonly digest: Digest | null
  readonly previous: Digest | null
  readonly by: string | null
  readonly at: Date
}

/**
 * Notes that everyone who wants to know is to be told. In the transaction of the change itself: what was acknowledged will be
 * told, whatever happens to this process, and what was rolled back won't.
 */
export const noteForWebhooks = async (sql: Sql, change: TagChange): Promise<void> => {
  const { repositoryId, name, digest, previous, by, at } = change
  const hooks = await sql<{ id: string; repository: string }>`
    SELECT webhook.id, repository.name AS repository FROM webhook
    JOIN repository ON repository.name LIKE webhook.names ESCAPE '\\'
    WHERE repository.id = ${repositoryId}`
  for (const { id, repository } of hooks) {
    const event = digest === null ? 'delete' : 'push'
    const payload = JSON.stringify({ event, repository, tag: name, digest, previous, by, at: at.toISOString() })
    await sql`
      INSERT INTO webhook_delivery (id, webhook_id, payload, created_at, next_at)
      VALUES (${randomUUID()}, ${id}, ${payload}, ${at}, ${at})`
  }
}
