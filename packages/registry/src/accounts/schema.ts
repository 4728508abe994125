import type { Migration } from '@slipway/core'

/** What is known of who may do what. Until grants came, every account could do everything: those that are there still can. */
export const accessMigrations: readonly Migration[] = [
  {
    name: 'registry-access-0001-grants',
    statements: [
      // A robot has no password: it comes with an access token.
      `ALTER TABLE account ADD COLUMN kind TEXT NOT NULL DEFAULT 'user' CHECK (kind IN ('user', 'robot'))`,
      // NULL: as the registry's settings say.
      `ALTER TABLE repository ADD COLUMN visibility TEXT CHECK (visibility IN ('public', 'private'))`,
      // `names` says the same as `pattern`, for LIKE.
      `CREATE TABLE account_grant (
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        pattern TEXT NOT NULL,
        names TEXT NOT NULL,
        actions TEXT NOT NULL,
        PRIMARY KEY (account, pattern)
      )`,
      `INSERT INTO account_grant (account, pattern, names, actions)
        SELECT name, '**', '%', 'pull,push,delete,manage' FROM account`,
      // Of the secret only a digest: it has as many bits as the digest has.
      `CREATE TABLE access_token (
        id TEXT PRIMARY KEY,
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
        name TEXT NOT NULL,
        secret TEXT NOT NULL,
        limits TEXT,
        created_at TEXT NOT NULL,
        expires_at TEXT,
        used_at TEXT
      )`,
      'CREATE INDEX access_token_by_account ON access_token (account, id)',
      'CREATE INDEX access_token_by_expiry ON access_token (expires_at)',
    ],
  },
]
