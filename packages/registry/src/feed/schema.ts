import type { Migration } from '@slipway/core'

/** What happened in repositories, for those who watch. */
export const feedMigrations: readonly Migration[] = [
  {
    name: 'registry-feed-0001',
    statements: [
      // `seq` is given later, by who watches: in the order of commits, so that nobody who has seen one has missed a smaller one.
      `CREATE TABLE feed_event (
        id TEXT PRIMARY KEY,
        seq BIGINT,
        at TEXT NOT NULL,
        kind TEXT NOT NULL,
        repository TEXT NOT NULL,
        reference TEXT NOT NULL,
        digest TEXT,
        account TEXT,
        times BIGINT NOT NULL DEFAULT 1
      )`,
      'CREATE UNIQUE INDEX feed_event_by_seq ON feed_event (seq)',
      'CREATE INDEX feed_event_waiting ON feed_event (id) WHERE seq IS NULL',
      'CREATE INDEX feed_event_by_time ON feed_event (at)',
      'CREATE TABLE feed_position (name TEXT PRIMARY KEY, last BIGINT NOT NULL)',
      `INSERT INTO feed_position (name, last) VALUES ('feed', 0)`,
    ],
  },
]
