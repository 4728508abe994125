import { buffer } from 'node:stream/consumers'
import { digestOf, hexOf, mediaTypes } from '@slipway/core'
import { packTar, tarHeader } from '@slipway/store'
import { tarOf } from './harbour.ts'

export const amd64 = { os: 'linux', architecture: 'amd64' }
export const arm64 = { os: 'linux', architecture: 'arm64' }

/** An OCI layout with an index of two images, of what is said about one of them, and of one that is not here. */
export const layoutOfTwo = async (): Promise<{
  readonly bytes: Buffer
  readonly index: string
  readonly blobs: string[]
}> => {
  const files: Record<string, Buffer> = {}
  const add = (mediaType: string, bytes: Buffer) => {
    const digest = digestOf(bytes)
    files[`blobs/sha256/${hexOf(digest)}`] = bytes
    return { mediaType, digest, size: bytes.length }
  }
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))
  const manifests = []
  for (const platform of [arm64, amd64]) {
    const layer = await buffer(tarOf({ machine: platform.architecture }))
    const diffIds = { type: 'layers', diff_ids: [digestOf(layer)] }
    const config = add(mediaTypes.ociConfig, json({ ...platform, rootfs: diffIds }))
    const manifest = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config }
    const layers = [add(mediaTypes.ociLayer, layer)]
    manifests.push({ ...add(mediaTypes.ociManifest, json({ ...manifest, layers })), platform })
  }
  const statement = add(
    'application/vnd.in-toto+json',
    Buffer.from('{"predicateType":"https://slsa.dev/provenance/v1"}'),
  )
  const about = {
    'vnd.docker.reference.type': 'attestation-manifest',
    'vnd.docker.reference.digest': manifests[1]?.digest,
  }
  const itsConfig = add(mediaTypes.ociConfig, json({ rootfs: { type: 'layers', diff_ids: [statement.digest] } }))
  const said = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: itsConfig, layers: [statement] }
  const nowhere = { os: 'unknown', architecture: 'unknown' }
  const attestation = { ...add(mediaTypes.ociManifest, json(said)), platform: nowhere, annotations: about }
  const absent = { ...manifests[0], digest: digestOf('absent'), platform: { os: 'linux', architecture: 's390x' } }
  const list = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...manifests, attestation, absent] }
  const index = add(mediaTypes.ociIndex, json(list))
  const blobs = Object.keys(files)
  const annotations = { 'org.opencontainers.image.ref.name': 'web:1' }
  files['index.json'] = json({ schemaVersion: 2, manifests: [{ ...index, annotations }] })
  const entries = Object.entries(files).map(([name, body]) => ({
    header: tarHeader({ name, size: body.length }),
    body,
  }))
  return { bytes: await buffer(packTar(entries)), index: index.digest, blobs }
}
