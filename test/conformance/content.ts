import { randomBytes } from 'node:crypto'
import { digestOf, mediaTypes } from '@slipway/core'

/** Bytes, and what they are called in a manifest. */
export interface Content {
  readonly bytes: Buffer
  readonly descriptor: { readonly mediaType: string; readonly digest: string; readonly size: number }
}

export const content = (bytes: Buffer | string, mediaType: string, algorithm?: 'sha512'): Content => {
  const buffer = Buffer.from(bytes)
  return { bytes: buffer, descriptor: { mediaType, digest: digestOf(buffer, algorithm), size: buffer.length } }
}

/** A blob that no registry has seen before. */
export const someBlob = (size = 64): Content => content(randomBytes(size), mediaTypes.ociLayer)

export const blobOf = (text: string): Content => content(text, mediaTypes.ociLayer)

/** The empty descriptor's bytes (OCI image-spec, manifest.md, "Guidance for an Empty Descriptor"). */
export const emptyJson = content('{}', 'application/vnd.oci.empty.v1+json')

export interface Image extends Content {
  readonly blobs: readonly Content[]
}

/** A manifest of anything: `fields` are its other fields, over the usual ones. */
export const manifestOf = (blobs: readonly Content[], fields: object = {}): Image => {
  const [config, ...layers] = blobs
  const body = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: config?.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...fields,
  }
  return { ...content(JSON.stringify(body), body.mediaType), blobs }
}

/** An image that no registry has seen before. */
export const someImage = (fields: object = {}): Image => {
  const config = content(
    `{"architecture":"amd64","os":"linux","salt":"${randomBytes(8).toString('hex')}"}`,
    mediaTypes.ociConfig,
  )
  return manifestOf([config, someBlob()], fields)
}

/** The same in Docker's words. */
export const someDockerImage = (): Image => {
  const config = content(`{"os":"linux","salt":"${randomBytes(8).toString('hex')}"}`, mediaTypes.dockerConfig)
  const layer = content(randomBytes(64), mediaTypes.dockerLayerGzip)
  return manifestOf([config, layer], { mediaType: mediaTypes.dockerManifest })
}

/** An artifact without a config or layers of its own: a signature, a list of parts. */
export const someArtifact = (fields: object = {}): Image => manifestOf([emptyJson, someBlob()], fields)

export const indexOf = (children: readonly Content[], fields: object = {}): Content => {
  const body = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: children.map(({ descriptor }) => descriptor),
    ...fields,
  }
  return content(JSON.stringify(body), body.mediaType)
}
