import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database, Logger } from '@slipway/core'
import { openPostgres, openSqlite, SpaceReserve } from '@slipway/database'
import { lockDataRoot } from './lock.ts'
import { migrations } from './metadata/schema.ts'
import { FileStorage } from './storage/file-storage.ts'
import type { S3Options } from './storage/s3/options.ts'
import type { BlobStorage } from './storage/storage.ts'
import { loadSharedTokenKey, loadTokenKey } from './tokens/key.ts'

/** Where a registry keeps what it knows, and the bytes of its blobs. */
export interface Places {
  /** Everything that has no other place. */
  readonly dataRoot: string
  /** `postgres://…`; without it, SQLite in the data root. */
  readonly database?: string | undefined
  /** A bucket; without it, files in the data root. */
  readonly bucket?: S3Options | undefined
}

const openDatabase = async ({ dataRoot, database }: Places): Promise<Database> => {
  if (database !== undefined) return openPostgres(database)
  await mkdir(dataRoot, { recursive: true, mode: 0o700 })
  return openSqlite(join(dataRoot, 'registry.db'), { synchronous: 'full' })
}

/** The registry's records, up to date; made if they aren't there. */
export const openRegistryDatabase = async (places: Places): Promise<Database> => {
  const database = await openDatabase(places)
  try {
    await database.migrate(migrations)
    return database
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error
  }
}

/** The bytes of its blobs. */
export const openStorage = async ({ dataRoot, bucket }: Places): Promise<BlobStorage> => {
  if (bucket === undefined) return new FileStorage(join(dataRoot, 'content'))
  // Here, so that nobody loads an HTTP client who keeps files.
  const { S3Storage } = await import('./storage/s3/s3-storage.ts')
  return new S3Storage(bucket)
}

/**
 * Takes the data root for this process. Throws conflict while another process has it. Over a database server and a bucket
 * there is nothing in it, and any number of processes work together.
 */
export const lockPlaces = async ({ dataRoot, database, bucket }: Places): Promise<AsyncDisposable> => {
  if (database !== undefined && bucket !== undefined) return { [Symbol.asyncDispose]: async () => undefined }
  await mkdir(dataRoot, { recursive: true, mode: 0o700 })
  return lockDataRoot(dataRoot)
}

/** Room for what must be written to take something away, on the disk that SQLite shares with the blobs. */
export const openReserve = async ({ dataRoot, database }: Places, logger: Logger): Promise<SpaceReserve | undefined> =>
  database === undefined ? SpaceReserve.open(join(dataRoot, 'reserve'), logger) : undefined

/** The secret that signs tokens. */
export const tokenKeyOf = ({ dataRoot, database }: Places, records: Database): Promise<Uint8Array> =>
  database === undefined ? loadTokenKey(dataRoot) : loadSharedTokenKey(records.sql)
