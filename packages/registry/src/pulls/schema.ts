import type { Migration } from '@slipway/core'

export const pullMigrations: readonly Migration[] = [
  {
    name: 'registry-pulls-0001',
    statements: [
      'ALTER TABLE repository ADD COLUMN pulls BIGINT NOT NULL DEFAULT 0',
      'ALTER TABLE repository ADD COLUMN pulled_at TEXT',
      // `linux/amd64,linux/arm64/v8`, read when somebody first wants to see it: NULL until then.
      'ALTER TABLE manifest ADD COLUMN platforms TEXT',
    ],
  },
]
