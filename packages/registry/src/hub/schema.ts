import type { Migration } from '@slipway/core'

/** What people write about repositories, and who is signed in with a browser. */
export const hubMigrations: readonly Migration[] = [
  {
    name: 'registry-hub-0001-pages',
    statements: [
      // Markdown, as it was written.
      `ALTER TABLE repository ADD COLUMN readme TEXT NOT NULL DEFAULT ''`,
      // Counts its edits: who edits an older one than the newest is told so.
      'ALTER TABLE repository ADD COLUMN edition BIGINT NOT NULL DEFAULT 0',
      `CREATE TABLE repository_star (
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
        starred_at TEXT NOT NULL,
        PRIMARY KEY (account, repository_id)
      )`,
      'CREATE INDEX repository_star_by_repository ON repository_star (repository_id)',
      // Of the cookie only a digest: whoever reads the database can't sign in with it.
      `CREATE TABLE browser_session (
        digest TEXT PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
      )`,
      'CREATE INDEX browser_session_by_expiry ON browser_session (expires_at)',
    ],
  },
]
