import type { Migration } from '@slipway/core'

export const auditMigrations: readonly Migration[] = [
  {
    name: 'registry-audit-0001',
    statements: [
      // Ids rise with time, so that they sort.
      `CREATE TABLE audit_event (
        id TEXT PRIMARY KEY,
        at TEXT NOT NULL,
        account TEXT,
        address TEXT NOT NULL,
        action TEXT NOT NULL,
        repository TEXT,
        subject TEXT,
        request_id TEXT NOT NULL
      )`,
      'CREATE INDEX audit_event_by_time ON audit_event (at)',
      'CREATE INDEX audit_event_by_repository ON audit_event (repository, id)',
    ],
  },
  {
    name: 'registry-audit-0002-details',
    statements: [
      'ALTER TABLE audit_event ADD COLUMN detail TEXT',
      'CREATE INDEX audit_event_by_account ON audit_event (account, id)',
    ],
  },
]
