import type { Migration } from '@slipway/core'
import { accessMigrations } from '../accounts/schema.ts'
import { auditMigrations } from '../audit/schema.ts'
import { feedMigrations } from '../feed/schema.ts'
import { hubMigrations } from '../hub/schema.ts'
import { projectMigrations } from '../projects/schema.ts'
import { pullMigrations } from '../pulls/schema.ts'
import { ruleMigrations } from '../rules/schema.ts'
import { searchMigrations } from '../search/schema.ts'
import { signInMigrations } from '../sign-in/schema.ts'
import { webhookMigrations } from '../webhooks/schema.ts'

/**
 * What the registry knows, in the SQL that SQLite and PostgreSQL both speak. Times are ISO 8601 text, so that they sort.
 * The bytes of blobs are in the storage; manifests are small and live here whole, so that a pull's first request
 * costs no second look-up.
 *
 * Made for garbage collection while clients are at work: a blob's row says where its bytes are (`storage_key`) and until
 * when it must not go (`protected_until`: pushed, but perhaps not in a manifest yet); what may have lost its last hold waits
 * in `gc_queue`. A blob that is to go loses its row, and its storage key goes into the queue, in one transaction: from then on
 * it isn't there for clients, and whoever pushes it again gets another key.
 */
const day = 24 * 60 * 60 * 1000
/** Nobody noted yet since when a manifest has been without a tag: the days count from the upgrade. */
const monthFromNow = (): string => new Date(Date.now() + 30 * day).toISOString()

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
  {
    name: 'registry-0003-collection',
    statements: [
      `CREATE TABLE gc_queue (
        kind TEXT NOT NULL CHECK (kind IN ('repository', 'manifest', 'blob', 'object')),
        key TEXT NOT NULL,
        reason TEXT NOT NULL,
        size BIGINT NOT NULL,
        review_after TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        PRIMARY KEY (kind, key)
      )`,
      'CREATE INDEX gc_queue_by_kind ON gc_queue (kind, review_after)',
      'CREATE INDEX gc_queue_by_time ON gc_queue (review_after, kind, key)',
      `CREATE TABLE gc_total (
        kind TEXT PRIMARY KEY,
        reviewed BIGINT NOT NULL,
        collected BIGINT NOT NULL,
        freed_bytes BIGINT NOT NULL,
        last_at TEXT NOT NULL
      )`,
      // Bytes lay by digest before. A blob that is to go has no row any more, so it needs no state.
      `UPDATE blob SET storage_key = 'blobs/' || replace(digest, ':', '/')`,
      'ALTER TABLE blob DROP COLUMN state',
      'CREATE UNIQUE INDEX blob_by_storage_key ON blob (storage_key)',
      // Found damaged then: not there for clients, who heal it by pushing it again.
      'ALTER TABLE blob ADD COLUMN lost_at TEXT',
      // In the trash since then; what it names is kept with it.
      'ALTER TABLE manifest ADD COLUMN deleted_at TEXT',
      'ALTER TABLE manifest ADD COLUMN deleted_by TEXT',
      'ALTER TABLE repository ADD COLUMN deleted_at TEXT',
      // What a tag named before it was moved or taken away.
      'ALTER TABLE tag_history ADD COLUMN previous TEXT',
      `INSERT INTO gc_queue (kind, key, reason, size, review_after, attempts)
        SELECT 'blob', digest, 'pushed', 0, protected_until, 0 FROM blob`,
      `INSERT INTO gc_queue (kind, key, reason, size, review_after, attempts)
        SELECT 'manifest', repository_id || '/' || digest, 'untagged', 0, '${monthFromNow()}', 0 FROM manifest`,
    ],
  },
  ...accessMigrations,
  {
    name: 'registry-0004-secrets',
    statements: [
      // What all processes over one database must know alike.
      `CREATE TABLE secret (
        name TEXT PRIMARY KEY,
        value BYTEA NOT NULL,
        created_at TEXT NOT NULL
      )`,
    ],
  },
  {
    name: 'registry-0005-failing-entries',
    statements: [
      // Few, and to be told without a look at all the others.
      'CREATE INDEX gc_queue_failing ON gc_queue (kind) WHERE attempts > 0',
    ],
  },
  ...hubMigrations,
  ...auditMigrations,
  ...webhookMigrations,
  ...projectMigrations,
  ...signInMigrations,
  ...ruleMigrations,
  ...pullMigrations,
  ...feedMigrations,
  ...searchMigrations,
]
