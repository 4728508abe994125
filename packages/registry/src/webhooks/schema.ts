import type { Migration } from '@slipway/core'

/** Whom to tell of what happens in repositories, and what is still to be told: an outbox. */
export const webhookMigrations: readonly Migration[] = [
  {
    name: 'registry-webhooks-0001',
    statements: [
      // `names` says the same as `pattern`, for LIKE. The secret signs: it must be known, not only recognized.
      `CREATE TABLE webhook (
        id TEXT PRIMARY KEY,
        url TEXT NOT NULL,
        secret TEXT NOT NULL,
        pattern TEXT NOT NULL,
        names TEXT NOT NULL,
        created_by TEXT,
        created_at TEXT NOT NULL
      )`,
      // `next_at` of NULL: it is over, delivered or given up.
      `CREATE TABLE webhook_delivery (
        id TEXT PRIMARY KEY,
        webhook_id TEXT NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
        payload TEXT NOT NULL,
        created_at TEXT NOT NULL,
        attempts BIGINT NOT NULL DEFAULT 0,
        next_at TEXT,
        status BIGINT,
        error TEXT
      )`,
      'CREATE INDEX webhook_delivery_by_time ON webhook_delivery (next_at)',
      'CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook_id, created_at)',
    ],
  },
]
