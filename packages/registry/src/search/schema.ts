import type { Migration } from '@slipway/core'

const text = "lower(name || ' ' || description)"

/**
 * What search looks through, by every three letters that follow one another: a table of SQLite's own that triggers keep, and an
 * index of PostgreSQL's (pg_trgm, which comes with it; where it may not be had, search reads all names instead).
 */
export const searchMigrations: readonly Migration[] = [
  {
    name: 'registry-search-0001-trigrams',
    statements: [
      // The order of docker search: what many names hold is found by walking along it.
      'CREATE INDEX repository_by_rank ON repository (official DESC, stars DESC, name)',
      {
        only: 'sqlite',
        statement: `CREATE VIRTUAL TABLE repository_text
          USING fts5 (content, content = '', contentless_delete = 1, tokenize = 'trigram', detail = 'full')`,
      },
      {
        only: 'sqlite',
        statement: `INSERT INTO repository_text (rowid, content) SELECT id, ${text} FROM repository`,
      },
      {
        only: 'sqlite',
        statement: `CREATE TRIGGER repository_text_insert AFTER INSERT ON repository BEGIN
          INSERT INTO repository_text (rowid, content) VALUES (new.id, lower(new.name || ' ' || new.description));
        END`,
      },
      {
        only: 'sqlite',
        statement: `CREATE TRIGGER repository_text_update AFTER UPDATE OF name, description ON repository BEGIN
          DELETE FROM repository_text WHERE rowid = old.id;
          INSERT INTO repository_text (rowid, content) VALUES (new.id, lower(new.name || ' ' || new.description));
        END`,
      },
      {
        only: 'sqlite',
        statement: `CREATE TRIGGER repository_text_delete AFTER DELETE ON repository BEGIN
          DELETE FROM repository_text WHERE rowid = old.id;
        END`,
      },
      {
        only: 'postgres',
        statement: `DO $$ BEGIN
          CREATE EXTENSION IF NOT EXISTS pg_trgm;
          CREATE INDEX repository_text ON repository USING gin ((${text}) gin_trgm_ops) WITH (fastupdate = off);
        EXCEPTION WHEN OTHERS THEN
          RAISE NOTICE 'search without an index: %', SQLERRM;
        END $$`,
      },
    ],
  },
]
