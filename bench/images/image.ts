import { type Bytes, type Descriptor, digestOf, type ImageConfig, type Manifest, mediaTypes } from '@slipway/core'
import { packTar, type TarInput, tarHeader } from '@slipway/store'
import type { BenchLayer } from './layer.ts'

/** An image that engines are given, whole. */
export interface BenchImage {
  readonly config: Buffer
  readonly manifest: Buffer
  readonly layers: readonly BenchLayer[]
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

const described = (mediaType: string, bytes: Buffer): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
})

export const makeImage = (layers: readonly BenchLayer[]): BenchImage => {
  const config: ImageConfig = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['true'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(() => ({ created_by: 'bench' })),
  }
  const bytes = json(config)
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: described(mediaTypes.dockerConfig, bytes),
    layers: layers.map(({ gzip }) => gzip),
  }
  return { config: bytes, manifest: json(manifest), layers }
}

export const manifestOf = ({ manifest }: BenchImage): Descriptor => described(mediaTypes.dockerManifest, manifest)
export const configOf = ({ config }: BenchImage): Descriptor => described(mediaTypes.dockerConfig, config)

const entry = (name: string, size: number, body: Bytes): TarInput => ({ header: tarHeader({ name, size }), body })
const pathOf = (digest: string): string => `blobs/${digest.replace(':', '/')}`

/** As `docker save` writes it; layers plain, as docker has them, or compressed, as podman takes them from a registry. */
export const archiveOf = (
  { config, layers }: BenchImage,
  name: string,
  compression: 'plain' | 'gzip',
): AsyncIterable<Uint8Array> => {
  const own = json([
    {
      Config: pathOf(digestOf(config)),
      RepoTags: [name],
      Layers: layers.map((layer) => pathOf(layer[compression].digest)),
    },
  ])
  return packTar([
    entry(pathOf(digestOf(config)), config.length, [config]),
    ...layers.map((layer) =>
      entry(pathOf(layer[compression].digest), layer[compression].size, layer.read(compression)),
    ),
    entry('manifest.json', own.length, [own]),
  ])
}
