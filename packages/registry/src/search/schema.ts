import type { DialectStatement, Migration } from '@slipway/core'

const textOf = (row: string): string => `lower(${row}.name || ' ' || ${row}.description)`
const text = "lower(name || ' ' || description)"
/** What no name and no description has. */
const end = 'char(1, 1)'

const sqliteOnly = (statements: readonly string[]): readonly DialectStatement[] =>
  statements.map((statement) => ({ only: 'sqlite', statement }))

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
  {
    name: 'registry-search-0002-short',
    statements: [
      // With two signs at its end, one or two letters are always the beginning of three: then a range of the index holds them.
      ...sqliteOnly([
        'DROP TRIGGER repository_text_insert',
        'DROP TRIGGER repository_text_update',
        'DROP TRIGGER repository_text_delete',
        'DELETE FROM repository_text',
        `INSERT INTO repository_text (rowid, content) SELECT id, ${text} || ${end} FROM repository`,
        `CREATE TRIGGER repository_text_insert AFTER INSERT ON repository BEGIN
          INSERT INTO repository_text (rowid, content) VALUES (new.id, ${textOf('new')} || ${end});
        END`,
        `CREATE TRIGGER repository_text_update AFTER UPDATE OF name, description ON repository BEGIN
          DELETE FROM repository_text WHERE rowid = old.id;
          INSERT INTO repository_text (rowid, content) VALUES (new.id, ${textOf('new')} || ${end});
        END`,
        `CREATE TRIGGER repository_text_delete AFTER DELETE ON repository BEGIN
          DELETE FROM repository_text WHERE rowid = old.id;
        END`,
        `CREATE VIRTUAL TABLE repository_letters USING fts5vocab (repository_text, 'instance')`,
      ]),
      {
        only: 'postgres',
        statement: `CREATE FUNCTION repository_letters (text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
          SELECT COALESCE(array_agg(DISTINCT substr($1, at, size)), '{}')
          FROM generate_series(1, length($1)) at, generate_series(1, 2) size $$`,
      },
      {
        only: 'postgres',
        statement: `CREATE INDEX repository_short ON repository
          USING gin (repository_letters(${text})) WITH (fastupdate = off)`,
      },
    ],
  },
]
