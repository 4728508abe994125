import type { Database } from '@slipway/core'
import { openRegistryDatabase } from '@slipway/registry'
import { smallImage } from './push.ts'

export const blobsEach = 10
/** The tag of the manifest of this number: `v000000` and on. */
export const tagOf = (number: number): string => `v${String(number).padStart(6, '0')}`

/** Manifests that are added at once: Ctrl-C is heard between two batches. */
const batch = 10_000
const day = 24 * 60 * 60 * 1000

export interface Population {
  readonly repository: string
  /** Each with a tag, and `blobsEach` blobs of its own. */
  readonly manifests: number
  readonly signal: AbortSignal
}

/** The numbers of the next rows. Names rise with them: in order, a million are added in seconds. */
const choose = async ({ sql }: Database, first: number, count: number): Promise<void> => {
  await sql`DELETE FROM chosen`
  await sql`
    WITH RECURSIVE place (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM place WHERE n + 1 < ${first + count})
    INSERT INTO chosen (n) SELECT n FROM place`
}

const addManifests = async ({ sql }: Database, due: Date): Promise<void> => {
  const now = new Date()
  const { manifest, mediaType } = smallImage(blobsEach - 1)
  await sql`
    INSERT INTO manifest (repository_id, digest, media_type, payload, size, total_size, pushed_at)
    SELECT 1, printf('sha256:f%063x', n), ${mediaType}, ${manifest}, ${manifest.length}, 10000000, ${now} FROM chosen`
  await sql`
    INSERT INTO tag (repository_id, name, digest, moved_at)
    SELECT 1, printf('v%06d', n), printf('sha256:f%063x', n), ${now} FROM chosen`
  await sql`
    INSERT INTO tag_history (repository_id, name, digest, moved_at)
    SELECT 1, printf('v%06d', n), printf('sha256:f%063x', n), ${now} FROM chosen`
  await sql`
    INSERT INTO gc_queue (kind, key, reason, size, review_after, attempts)
    SELECT 'manifest', printf('1/sha256:f%063x', n), 'pushed', 0, ${due}, 0 FROM chosen`
}

const addBlobs = async ({ sql }: Database, due: Date): Promise<void> => {
  const now = new Date()
  await sql`
    INSERT INTO blob (digest, size, storage_key, protected_until, created_at)
    SELECT printf('sha256:%064x', n), 1000000, printf('objects/%02x/%036x', n % 256, n), ${due}, ${now} FROM chosen`
  await sql`
    INSERT INTO repository_blob (repository_id, digest, linked_at)
    SELECT 1, printf('sha256:%064x', n), ${now} FROM chosen`
  await sql`
    INSERT INTO manifest_reference (repository_id, parent, kind, digest)
    SELECT 1, printf('sha256:f%063x', n / ${BigInt(blobsEach)}), 'blob', printf('sha256:%064x', n) FROM chosen`
  await sql`
    INSERT INTO gc_queue (kind, key, reason, size, review_after, attempts)
    SELECT 'blob', printf('sha256:%064x', n), 'pushed', 0, ${due}, 0 FROM chosen`
}

/**
 * Fills the metadata of a registry that doesn't run with one repository, as if all of it had been pushed today: everything
 * still waits for the garbage collector's first look. There are no bytes, and a manifest's digest is only a name.
 */
export const populateMetadata = async (
  dataRoot: string,
  { repository, manifests, signal }: Population,
): Promise<void> => {
  await using database = await openRegistryDatabase({ dataRoot })
  // It is made anew each time: a crash would cost nothing, and the rows are right by themselves.
  await database.sql`PRAGMA journal_mode = OFF`
  await database.sql`PRAGMA synchronous = OFF`
  await database.sql`PRAGMA foreign_keys = OFF`
  await database.sql`PRAGMA cache_size = -500000`
  await database.sql`CREATE TEMP TABLE chosen (n INTEGER PRIMARY KEY)`
  await database.sql`INSERT INTO repository (id, name, created_at) VALUES (1, ${repository}, ${new Date()})`
  const due = new Date(Date.now() + day)
  for (let first = 0; first < manifests; first += batch) {
    signal.throwIfAborted()
    const count = Math.min(batch, manifests - first)
    await choose(database, first, count)
    await addManifests(database, due)
    await choose(database, first * blobsEach, count * blobsEach)
    await addBlobs(database, due)
  }
}
