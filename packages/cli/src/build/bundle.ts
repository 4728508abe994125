import { createHash } from 'node:crypto'
import { type GrpcClient, statusFile } from '@slipway/buildkit/client'
import type { BuildRecord } from './records.ts'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
}

/** The members of an OCI layout, by path. */
type Members = Map<string, Buffer>

const put = (members: Members, mediaType: string, bytes: Buffer): Descriptor => {
  const hex = createHash('sha256').update(bytes).digest('hex')
  members.set(`blobs/sha256/${hex}`, bytes)
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length }
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value, null, 2))

/** As Go writes the message: with most names as they are there. */
const recordJson = (record: BuildRecord, logs: Descriptor): unknown => ({
  Ref: record.ref,
  Frontend: record.frontend || undefined,
  FrontendAttrs: Object.fromEntries(record.frontendAttrs),
  Exporters: record.exporters.map(({ type, attrs }) => ({ Type: type, Attrs: Object.fromEntries(attrs) })),
  error: record.error && { code: record.error.code, message: record.error.message },
  CreatedAt: record.createdAt,
  CompletedAt: record.completedAt,
  logs: { media_type: logs.mediaType, digest: logs.digest, size: logs.size },
  ExporterResponse: Object.fromEntries(record.exporterResponse),
  numCachedSteps: record.numCachedSteps,
  numTotalSteps: record.numTotalSteps,
  numCompletedSteps: record.numCompletedSteps,
  numWarnings: record.numWarnings || undefined,
})

/**
 * Build records as an OCI layout: of each a manifest, with the record as its config and all that was told of the build as a
 * layer. What buildx exports has the same form; traces, and images' provenance, are not in ours.
 */
export const bundleOf = async (
  records: readonly BuildRecord[],
  buildkit: GrpcClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Buffer>> => {
  const members: Members = new Map()
  const manifests: Descriptor[] = []
  for (const record of records) {
    const status = await statusFile(buildkit, record.ref, signal)
    const logs = put(members, 'application/vnd.buildkit.status.v0', status)
    const config = put(members, 'application/vnd.buildkit.historyrecord.v0', json(recordJson(record, logs)))
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    manifests.push(put(members, mediaType, json({ schemaVersion: 2, mediaType, config, layers: [logs] })))
  }
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  members.set('index.json', Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests })))
  members.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))
  return members
}
