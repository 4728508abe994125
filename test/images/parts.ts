import { gzipSync } from 'node:zlib'
import { makeTar, type TarPart } from '../harness/tar.ts'
import { digestOf } from './lying-registry.ts'

export const ociTypes = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
} as const

export const jsonOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export const descriptorOf = (mediaType: string, bytes: Uint8Array) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})

export const configOf = (...tars: readonly Uint8Array[]): Buffer =>
  jsonOf({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: tars.map(digestOf) } })

/** An image of one layer, as its bytes. */
export const imageOf = (tar: Uint8Array, config = configOf(tar)) => {
  const layer = gzipSync(tar)
  const manifest = jsonOf({
    schemaVersion: 2,
    mediaType: ociTypes.manifest,
    config: descriptorOf(ociTypes.config, config),
    layers: [descriptorOf(ociTypes.layer, layer)],
  })
  return { layer, config, manifest }
}

const blobName = (bytes: Uint8Array): string => `blobs/sha256/${digestOf(bytes).slice(7)}`

/** An OCI layout as a tar: its blobs, and an index of the last one. `more` comes before all of it. */
export const layoutOf = (blobs: readonly Uint8Array[], more: readonly TarPart[] = []): Buffer => {
  const top = blobs.at(-1) ?? Buffer.alloc(0)
  const isIndex = Buffer.from(top).includes('"manifests"')
  const index = jsonOf({
    schemaVersion: 2,
    manifests: [descriptorOf(isIndex ? ociTypes.index : ociTypes.manifest, top)],
  })
  return makeTar([
    ...more,
    { name: 'oci-layout', body: '{"imageLayoutVersion":"1.0.0"}' },
    ...blobs.map((bytes) => ({ name: blobName(bytes), body: bytes })),
    { name: 'index.json', body: index },
  ])
}

/** The archive that docker wrote before it wrote layouts. */
export const dockerArchiveOf = (config: Uint8Array, layers: readonly string[], parts: readonly TarPart[]): Buffer =>
  makeTar([
    { name: 'config.json', body: config },
    ...parts,
    { name: 'manifest.json', body: jsonOf([{ Config: 'config.json', RepoTags: ['hostile:1'], Layers: layers }]) },
  ])
