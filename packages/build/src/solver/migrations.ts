import type { Migration } from '@slipway/core'

/**
 * The build cache. `added` is a JSON list: the diffIDs a step put on top of its first input; `build_layers`, the stacks they
 * made. `build_accounts` says what the last keys of each step were made of: a JSON list and a JSON object of text. Times are ISO
 * 8601.
 */
export const buildMigrations: readonly Migration[] = [
  {
    name: 'build-0001-cache',
    statements: [
      `CREATE TABLE build_steps (
        key TEXT PRIMARY KEY,
        added TEXT NOT NULL,
        created_at TEXT NOT NULL,
        used_at TEXT NOT NULL
      )`,
      `CREATE TABLE build_states (
        key TEXT PRIMARY KEY,
        created_at TEXT NOT NULL
      )`,
    ],
  },
  {
    name: 'build-0002-layers',
    statements: [
      `CREATE TABLE build_layers (
        chain_id TEXT PRIMARY KEY,
        created_at TEXT NOT NULL,
        used_at TEXT NOT NULL
      )`,
    ],
  },
  {
    name: 'build-0003-accounts',
    statements: [
      `CREATE TABLE build_accounts (
        place TEXT PRIMARY KEY,
        made_at TEXT NOT NULL,
        keys TEXT NOT NULL,
        parts TEXT NOT NULL
      )`,
    ],
  },
]
