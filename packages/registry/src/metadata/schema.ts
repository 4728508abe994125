import type { Migration } from '@slipway/core'

/**
 * What the registry knows, in the SQL that SQLite and PostgreSQL both speak. Times are ISO 8601 text, so that they sort.
 * The bytes of blobs are in the content store; manifests are small and live here whole, so that a pull's first request
 * costs no second look-up.
 *
 * Made with online garbage collection in mind: a blob row says where its bytes are (`storage_key`), whether it is about
 * to go (`state`), and until when it must not (`protected_until`: pushed, but perhaps not in a manifest yet).
 */
export const migrations: readonly Migration[] = [
  {
    name: 'registry-0001-repositories',
    statements: [
      `CREATE TABLE repository (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        description TEXT NOT NULL DEFAULT '',
        stars BIGINT NOT NULL DEFAULT 0,
        official BOOLEAN NOT NULL DEFAULT FALSE,
        automated BOOLEAN NOT NULL DEFAULT FALSE,
        created_at TEXT NOT NULL
      )`,
      `CREATE TABLE blob (
        digest TEXT PRIMARY KEY,
        size BIGINT NOT NULL,
        storage_key TEXT NOT NULL,
        state TEXT NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'deleting')),
        protected_until TEXT NOT NULL,
        created_at TEXT NOT NULL
      )`,
      `CREATE TABLE repository_blob (
        repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
        digest TEXT NOT NULL REFERENCES blob (digest),
        linked_at TEXT NOT NULL,
        PRIMARY KEY (repository_id, digest)
      )`,
      'CREATE INDEX repository_blob_by_digest ON repository_blob (digest)',
      `CREATE TABLE manifest (
        repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
        digest TEXT NOT NULL,
        media_type TEXT NOT NULL,
        artifact_type TEXT,
        subject TEXT,
        config_digest TEXT,
        annotations TEXT,
        payload BYTEA NOT NULL,
        size BIGINT NOT NULL,
        total_size BIGINT NOT NULL,
        pushed_by TEXT,
        pushed_at TEXT NOT NULL,
        PRIMARY KEY (repository_id, digest)
      )`,
      'CREATE INDEX manifest_by_subject ON manifest (repository_id, subject, digest)',
      `CREATE TABLE manifest_reference (
        repository_id BIGINT NOT NULL,
        parent TEXT NOT NULL,
        kind TEXT NOT NULL CHECK (kind IN ('blob', 'manifest')),
        digest TEXT NOT NULL,
        PRIMARY KEY (repository_id, parent, digest),
        FOREIGN KEY (repository_id, parent) REFERENCES manifest (repository_id, digest) ON DELETE CASCADE
      )`,
      'CREATE INDEX manifest_reference_by_digest ON manifest_reference (digest, repository_id)',
      `CREATE TABLE tag (
        repository_id BIGINT NOT NULL,
        name TEXT NOT NULL,
        digest TEXT NOT NULL,
        moved_by TEXT,
        moved_at TEXT NOT NULL,
        PRIMARY KEY (repository_id, name),
        FOREIGN KEY (repository_id, digest) REFERENCES manifest (repository_id, digest)
      )`,
      'CREATE INDEX tag_by_manifest ON tag (repository_id, digest)',
      // A digest of NULL: the tag was taken away then.
      `CREATE TABLE tag_history (
        repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        digest TEXT,
        moved_by TEXT,
        moved_at TEXT NOT NULL
      )`,
      'CREATE INDEX tag_history_by_name ON tag_history (repository_id, name, moved_at)',
      `CREATE TABLE upload (
        id TEXT PRIMARY KEY,
        repository_id BIGINT NOT NULL REFERENCES repository (id) ON DELETE CASCADE,
        started_by TEXT,
        started_at TEXT NOT NULL,
        expires_at TEXT NOT NULL
      )`,
      'CREATE INDEX upload_by_expiry ON upload (expires_at)',
    ],
  },
  {
    name: 'registry-0002-accounts',
    statements: [
      `CREATE TABLE account (
        name TEXT PRIMARY KEY,
        password TEXT NOT NULL,
        created_at TEXT NOT NULL,
        changed_at TEXT NOT NULL
      )`,
    ],
  },
]
