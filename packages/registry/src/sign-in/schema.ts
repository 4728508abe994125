import type { Migration } from '@slipway/core'

/** What the ways to sign in need to know of accounts and of browsers. */
export const signInMigrations: readonly Migration[] = [
  {
    name: 'registry-sign-in-0001-accounts',
    statements: [
      // Since then it may do nothing, and nothing that was made for it.
      'ALTER TABLE account ADD COLUMN disabled_at TEXT',
      // The password was made by somebody else, for one sign-in: to choose one's own.
      'ALTER TABLE account ADD COLUMN must_change BOOLEAN NOT NULL DEFAULT FALSE',
      `ALTER TABLE browser_session ADD COLUMN address TEXT NOT NULL DEFAULT ''`,
      `ALTER TABLE browser_session ADD COLUMN agent TEXT NOT NULL DEFAULT ''`,
      'ALTER TABLE browser_session ADD COLUMN used_at TEXT',
      'CREATE INDEX browser_session_by_account ON browser_session (account)',
      // The stars of accounts that were removed were still counted.
      `UPDATE repository SET stars =
        (SELECT count(*) FROM repository_star WHERE repository_star.repository_id = repository.id)`,
    ],
  },
  {
    name: 'registry-sign-in-0002-invitations',
    statements: [
      // Of the link's secret only a digest. One that was used is gone.
      `CREATE TABLE invitation (
        id TEXT PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        note TEXT NOT NULL,
        grants TEXT NOT NULL,
        created_by TEXT,
        created_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
      )`,
    ],
  },
]
