import type {
  ChainId,
  Database,
  Descriptor,
  DiffId,
  Digest,
  ImageConfig,
  Migration,
  Reference,
  Sql,
} from '@slipway/core'
import { chainIdOf, formatReference, parseReference, repositoryOf } from '@slipway/core'

/** An image as this engine knows it. Replaced when something about it changes, never changed in place. */
export interface Image {
  /** The digest of the config. */
  readonly id: Digest
  readonly config: ImageConfig
  /** Its topmost layer; undefined for an image without layers. */
  readonly chainId?: ChainId
  /** Bytes of all layers, unpacked. */
  readonly size: number
  /** Its tags. */
  readonly references: readonly Reference[]
  /** `repository@digest`: the manifests, or indexes, by which it was pulled and pushed. */
  readonly repoDigests: readonly Reference[]
  /** The manifests and indexes it came with, and what they say of it (attestations), kept in the content store. */
  readonly manifests: readonly Descriptor[]
  /** The image of the build step before. */
  readonly parent?: Digest
  /** What its config says; 1970 when it says nothing. */
  readonly createdAt: Date
  readonly lastTaggedAt?: Date
}

/** A compressed layer that is kept, so that a push sends the very bytes that came. */
export interface LayerBlob {
  readonly diffId: DiffId
  readonly blob: Descriptor
}

/** A layer in its place in a stack. */
export interface LayerRecord {
  readonly chainId: ChainId
  /** Bytes it holds beyond its parent, unpacked. */
  readonly bytes: number
}

export const imageMigrations: readonly Migration[] = [
  {
    name: 'image-1',
    statements: [
      `CREATE TABLE image (
        id TEXT PRIMARY KEY,
        config TEXT NOT NULL,
        parent TEXT,
        size BIGINT NOT NULL,
        last_tagged_at TEXT
      )`,
      `CREATE TABLE image_reference (
        name TEXT PRIMARY KEY,
        image_id TEXT NOT NULL REFERENCES image (id)
      )`,
      'CREATE INDEX image_reference_image ON image_reference (image_id)',
      `CREATE TABLE repo_digest (
        name TEXT PRIMARY KEY,
        image_id TEXT NOT NULL REFERENCES image (id)
      )`,
      'CREATE INDEX repo_digest_image ON repo_digest (image_id)',
      `CREATE TABLE image_manifest (
        image_id TEXT NOT NULL REFERENCES image (id),
        digest TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size BIGINT NOT NULL,
        PRIMARY KEY (image_id, digest)
      )`,
      'CREATE TABLE layer (chain_id TEXT PRIMARY KEY, bytes BIGINT NOT NULL)',
      `CREATE TABLE layer_blob (
        diff_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        media_type TEXT NOT NULL,
        size BIGINT NOT NULL,
        PRIMARY KEY (diff_id, digest)
      )`,
      `CREATE TABLE blob_repository (
        digest TEXT NOT NULL,
        registry TEXT NOT NULL,
        repository TEXT NOT NULL,
        PRIMARY KEY (digest, registry, repository)
      )`,
    ],
  },
]

export interface ImageTables {
  readonly images: readonly Image[]
  readonly layers: readonly LayerRecord[]
  readonly layerBlobs: readonly LayerBlob[]
}

interface NameRow {
  readonly name: string
  readonly image_id: Digest
}

interface BlobRow {
  readonly digest: Digest
  readonly media_type: string
  readonly size: number
}

const descriptorOf = ({ digest, media_type: mediaType, size }: BlobRow): Descriptor => ({ mediaType, digest, size })

const groupByImage = <Row extends { readonly image_id: Digest }, T>(
  rows: readonly Row[],
  read: (row: Row) => T,
): ReadonlyMap<Digest, readonly T[]> => {
  const groups = Map.groupBy(rows, ({ image_id: id }) => id)
  return new Map([...groups].map(([id, members]) => [id, members.map(read)]))
}

/** The plain part of an image that follows from its config. */
export const imageOf = (id: Digest, config: ImageConfig): Pick<Image, 'id' | 'config' | 'chainId' | 'createdAt'> => {
  const chainId = chainIdOf(config.rootfs.diff_ids)
  const created = Date.parse(config.created ?? '')
  return {
    id,
    config,
    ...(chainId === undefined ? {} : { chainId }),
    createdAt: new Date(Number.isNaN(created) ? 0 : created),
  }
}

/** Everything there is, in a handful of queries: the engine keeps it in memory. */
export const readImageTables = async ({ sql }: Database): Promise<ImageTables> => {
  const references = groupByImage(await sql<NameRow>`SELECT * FROM image_reference ORDER BY name`, (row) =>
    parseReference(row.name),
  )
  const repoDigests = groupByImage(await sql<NameRow>`SELECT * FROM repo_digest ORDER BY name`, (row) =>
    parseReference(row.name),
  )
  const manifests = groupByImage(
    await sql<BlobRow & { readonly image_id: Digest }>`SELECT * FROM image_manifest ORDER BY digest`,
    descriptorOf,
  )
  interface ImageRow {
    readonly id: Digest
    readonly config: string
    readonly parent: Digest | null
    readonly size: number
    readonly last_tagged_at: string | null
  }
  const images = (await sql<ImageRow>`SELECT * FROM image`).map((row) => ({
    ...imageOf(row.id, JSON.parse(row.config) as ImageConfig),
    size: Number(row.size),
    references: references.get(row.id) ?? [],
    repoDigests: repoDigests.get(row.id) ?? [],
    manifests: manifests.get(row.id) ?? [],
    ...(row.parent === null ? {} : { parent: row.parent }),
    ...(row.last_tagged_at === null ? {} : { lastTaggedAt: new Date(row.last_tagged_at) }),
  }))
  const layers = await sql<{ chain_id: ChainId; bytes: number }>`SELECT * FROM layer`
  const layerBlobs = await sql<BlobRow & { readonly diff_id: DiffId }>`SELECT * FROM layer_blob`
  return {
    images,
    layers: layers.map(({ chain_id: chainId, bytes }) => ({ chainId, bytes: Number(bytes) })),
    layerBlobs: layerBlobs.map((row) => ({ diffId: row.diff_id, blob: descriptorOf(row) })),
  }
}

export const insertImage = async (sql: Sql, image: Image, configText: string): Promise<void> => {
  await sql`
    INSERT INTO image (id, config, parent, size) VALUES (${image.id}, ${configText}, ${image.parent ?? null}, ${image.size})
    ON CONFLICT (id) DO NOTHING`
}

export const insertLayer = async (sql: Sql, { chainId, bytes }: LayerRecord): Promise<void> => {
  await sql`INSERT INTO layer (chain_id, bytes) VALUES (${chainId}, ${bytes}) ON CONFLICT (chain_id) DO NOTHING`
}

export const insertLayerBlob = async (sql: Sql, { diffId, blob }: LayerBlob): Promise<void> => {
  await sql`
    INSERT INTO layer_blob (diff_id, digest, media_type, size)
    VALUES (${diffId}, ${blob.digest}, ${blob.mediaType}, ${blob.size})
    ON CONFLICT (diff_id, digest) DO NOTHING`
}

export const insertManifest = async (sql: Sql, id: Digest, manifest: Descriptor): Promise<void> => {
  await sql`
    INSERT INTO image_manifest (image_id, digest, media_type, size)
    VALUES (${id}, ${manifest.digest}, ${manifest.mediaType}, ${manifest.size})
    ON CONFLICT (image_id, digest) DO NOTHING`
}

export const deleteManifest = async (sql: Sql, id: Digest, digest: Digest): Promise<void> => {
  await sql`DELETE FROM image_manifest WHERE image_id = ${id} AND digest = ${digest}`
}

/** The config's text, which is kept beside its blob. */
export const selectConfigText = async ({ sql }: Database, id: Digest): Promise<string | undefined> => {
  const [row] = await sql<{ config: string }>`SELECT config FROM image WHERE id = ${id}`
  return row?.config
}

/** Takes the name away from whatever had it. */
export const upsertReference = async (sql: Sql, reference: Reference, id: Digest, at: Date): Promise<void> => {
  await sql`
    INSERT INTO image_reference (name, image_id) VALUES (${formatReference(reference)}, ${id})
    ON CONFLICT (name) DO UPDATE SET image_id = excluded.image_id`
  await sql`UPDATE image SET last_tagged_at = ${at} WHERE id = ${id}`
}

export const repoDigestOf = (reference: Reference, digest: Digest): Reference => ({
  registry: reference.registry,
  repository: reference.repository,
  digest,
})

export const upsertRepoDigest = async (sql: Sql, reference: Reference, id: Digest): Promise<void> => {
  await sql`
    INSERT INTO repo_digest (name, image_id) VALUES (${formatReference(reference)}, ${id})
    ON CONFLICT (name) DO UPDATE SET image_id = excluded.image_id`
}

export const deleteReference = async (sql: Sql, reference: Reference): Promise<void> => {
  const name = formatReference(reference)
  if (reference.digest === undefined) await sql`DELETE FROM image_reference WHERE name = ${name}`
  else await sql`DELETE FROM repo_digest WHERE name = ${name}`
}

export const deleteImage = async (sql: Sql, id: Digest): Promise<void> => {
  await sql`DELETE FROM image_reference WHERE image_id = ${id}`
  await sql`DELETE FROM repo_digest WHERE image_id = ${id}`
  await sql`DELETE FROM image_manifest WHERE image_id = ${id}`
  await sql`DELETE FROM image WHERE id = ${id}`
}

/** Where a blob is known to be, so that a push to a sister repository can mount it. */
export const insertBlobRepository = async (sql: Sql, digest: Digest, at: Reference): Promise<void> => {
  await sql`
    INSERT INTO blob_repository (digest, registry, repository) VALUES (${digest}, ${at.registry}, ${at.repository})
    ON CONFLICT (digest, registry, repository) DO NOTHING`
}

export const selectSister = async (
  { sql }: Database,
  digest: Digest,
  at: Reference,
): Promise<Reference | undefined> => {
  const [row] = await sql<{ registry: string; repository: string }>`
    SELECT registry, repository FROM blob_repository
    WHERE digest = ${digest} AND registry = ${at.registry} AND repository <> ${at.repository}
    ORDER BY repository LIMIT 1`
  return row
}

/** Forgets layers and blobs that the garbage collector has taken away. */
export const deleteCollected = async (
  sql: Sql,
  collected: { readonly chainIds: readonly ChainId[]; readonly digests: readonly Digest[] },
): Promise<void> => {
  for (const chainId of collected.chainIds) await sql`DELETE FROM layer WHERE chain_id = ${chainId}`
  for (const digest of collected.digests) {
    await sql`DELETE FROM layer_blob WHERE digest = ${digest}`
    await sql`DELETE FROM blob_repository WHERE digest = ${digest}`
  }
}

/** True when both name the same repository. */
export const isSameRepository = (a: Reference, b: Reference): boolean => repositoryOf(a) === repositoryOf(b)
