import type { Migration } from '@slipway/core'

export const ruleMigrations: readonly Migration[] = [
  {
    name: 'registry-rules-0001',
    statements: [
      // `repositories` is what stands behind the project's name. A retention rule with neither number keeps all that it names.
      `CREATE TABLE project_rule (
        id TEXT PRIMARY KEY,
        project TEXT NOT NULL REFERENCES project (name) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('immutable', 'retention')),
        repositories TEXT NOT NULL,
        tags TEXT NOT NULL,
        keep_latest BIGINT,
        keep_days BIGINT,
        created_by TEXT,
        created_at TEXT NOT NULL
      )`,
      'CREATE INDEX project_rule_by_project ON project_rule (project, kind)',
    ],
  },
]
