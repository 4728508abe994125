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
  {
    name: 'registry-sign-in-0003-second-factor',
    statements: [
      `ALTER TABLE account ADD COLUMN origin TEXT NOT NULL DEFAULT 'local' CHECK (origin IN ('local', 'ldap', 'oidc'))`,
      'ALTER TABLE account ADD COLUMN second_factor_required BOOLEAN NOT NULL DEFAULT FALSE',
      // The secret is sealed with the registry's key; the step of the last code that was used, for none is good twice.
      `CREATE TABLE second_factor (
        account TEXT PRIMARY KEY REFERENCES account (name) ON DELETE CASCADE,
        secret TEXT NOT NULL,
        created_at TEXT NOT NULL,
        confirmed_at TEXT,
        last_counter BIGINT NOT NULL
      )`,
      `CREATE TABLE recovery_code (
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        digest TEXT NOT NULL,
        PRIMARY KEY (account, digest)
      )`,
    ],
  },
  {
    name: 'registry-sign-in-0004-identities',
    statements: [
      // Who somebody is for a provider or a directory, and the account that is theirs here.
      `CREATE TABLE external_identity (
        id TEXT PRIMARY KEY,
        issuer TEXT NOT NULL,
        subject TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES account (name) ON DELETE CASCADE,
        label TEXT NOT NULL,
        linked_at TEXT NOT NULL,
        UNIQUE (issuer, subject)
      )`,
      'CREATE INDEX external_identity_by_account ON external_identity (account)',
    ],
  },
  {
    name: 'registry-sign-in-0005-confirmed',
    statements: [
      // When a directory or a provider last said who it is; nobody noted that yet, so the time runs from the upgrade.
      'ALTER TABLE account ADD COLUMN confirmed_at TEXT',
      `UPDATE account SET confirmed_at = '${new Date().toISOString()}' WHERE origin <> 'local'`,
    ],
  },
  {
    name: 'registry-sign-in-0006-attempts',
    statements: [
      // Wrong passwords and codes, counted by all processes together; of who guessed what only a digest.
      `CREATE TABLE failed_attempt (
        key TEXT PRIMARY KEY,
        count BIGINT NOT NULL,
        until TEXT NOT NULL
      )`,
      'CREATE INDEX failed_attempt_by_end ON failed_attempt (until)',
    ],
  },
  {
    name: 'registry-sign-in-0007-code-shown',
    statements: [
      // When a code of the second factor was shown in it.
      'ALTER TABLE browser_session ADD COLUMN code_at TEXT',
    ],
  },
]
