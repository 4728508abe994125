import {
  algorithmOf,
  type Descriptor,
  type Digest,
  digestOf,
  isDigest,
  isIndex,
  isManifest,
  mediaTypes,
} from '@slipway/core'
import type { NewManifest } from '../metadata/manifests.ts'
import { ociError } from './oci-error.ts'

type Json = Readonly<Record<string, unknown>>

/** A manifest of 4 MiB could name forty thousand blobs; no image comes near this many. */
const maximumReferences = 4096

const wrong = (message: string, cause?: unknown): Error => ociError('MANIFEST_INVALID', { message, cause })

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const parseJson = (payload: Uint8Array): Json => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload))
  } catch (cause) {
    throw wrong('the manifest is not valid JSON', cause)
  }
  if (!isObject(value)) throw wrong('the manifest is not a JSON object')
  return value
}

/** OCI image-spec, descriptor.md. */
const toDescriptor = (value: unknown, where: string): Descriptor => {
  const { mediaType, digest, size, urls } = isObject(value) ? value : {}
  if (typeof mediaType !== 'string' || mediaType === '') throw wrong(`${where} has no mediaType`)
  if (typeof digest !== 'string' || !isDigest(digest)) throw wrong(`${where} has no valid digest`)
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw wrong(`${where} has no valid size`)
  const external = Array.isArray(urls) ? urls.filter((url): url is string => typeof url === 'string') : []
  return { mediaType, digest, size, ...(external.length > 0 ? { urls: external } : {}) }
}

const toDescriptors = (value: unknown, where: string): readonly Descriptor[] => {
  if (!Array.isArray(value)) throw wrong(`the manifest has no ${where}`)
  if (value.length > maximumReferences) throw wrong(`the manifest has more than ${maximumReferences} ${where}`)
  return value.map((one, at) => toDescriptor(one, `${where}[${at}]`))
}

const toAnnotations = (value: unknown): Readonly<Record<string, string>> | undefined => {
  if (value === undefined || value === null) return undefined
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw wrong('annotations are not a map of strings')
  }
  return value as Readonly<Record<string, string>>
}

/** The type that header and body agree on; docker's and OCI's four are all there are. */
const mediaTypeOf = (body: Json, contentType: string | undefined): string => {
  const declared = contentType?.split(';')[0]?.trim().toLowerCase() || undefined
  const inBody = body['mediaType']
  if (inBody !== undefined && typeof inBody !== 'string') throw wrong('mediaType is not a string')
  if (declared && inBody && declared !== inBody) {
    throw wrong(`the manifest says it is ${inBody}, its Content-Type says ${declared}`)
  }
  const implied = 'manifests' in body ? mediaTypes.ociIndex : mediaTypes.ociManifest
  const mediaType = inBody ?? declared ?? implied
  if (!isManifest(mediaType) && !isIndex(mediaType)) throw wrong(`unsupported manifest media type: ${mediaType}`)
  return mediaType
}

/** Layers that are fetched from elsewhere (image-spec layer.md, "Non-Distributable Layers") need not be here. */
const isForeign = ({ mediaType, urls }: Descriptor): boolean =>
  (urls?.length ?? 0) > 0 || mediaType === mediaTypes.dockerForeignLayer || mediaType.includes('.nondistributable.')

type Parts = Pick<NewManifest, 'config' | 'blobs' | 'foreign' | 'children'>

const imageParts = (body: Json): Parts => {
  // One document that is both image and index would mean different things to different clients (CVE-2021-41190).
  if ('manifests' in body) throw wrong('an image manifest has no manifests')
  const config = toDescriptor(body['config'], 'config')
  const layers = toDescriptors(body['layers'], 'layers')
  const foreign = layers.filter(isForeign)
  return { config, blobs: [config, ...layers.filter((layer) => !isForeign(layer))], foreign, children: [] }
}

const indexParts = (body: Json): Parts => {
  if ('layers' in body || 'config' in body) throw wrong('an image index has neither config nor layers')
  return { config: undefined, blobs: [], foreign: [], children: toDescriptors(body['manifests'], 'manifests') }
}

const artifactTypeOf = (body: Json, config: Descriptor | undefined): string | undefined => {
  const declared = body['artifactType']
  return typeof declared === 'string' && declared !== '' ? declared : config?.mediaType
}

/**
 * Reads what a client pushed as a manifest. `expected` is the digest it was pushed under, if it was. Throws
 * MANIFEST_INVALID, or DIGEST_INVALID when the bytes are others.
 */
export const parseManifest = (
  payload: Uint8Array,
  options: { readonly contentType?: string | undefined; readonly expected?: Digest | undefined },
): NewManifest => {
  const { expected } = options
  const digest = digestOf(payload, expected ? algorithmOf(expected) : 'sha256')
  if (expected && digest !== expected) throw ociError('DIGEST_INVALID', { detail: { expected, digest } })
  const body = parseJson(payload)
  const mediaType = mediaTypeOf(body, options.contentType)
  if (body['schemaVersion'] !== 2) throw wrong(`unsupported schemaVersion: ${JSON.stringify(body['schemaVersion'])}`)
  const parts = isIndex(mediaType) ? indexParts(body) : imageParts(body)
  const subject = body['subject'] === undefined || body['subject'] === null ? undefined : body['subject']
  return {
    digest,
    mediaType,
    payload,
    artifactType: artifactTypeOf(body, parts.config),
    subject: subject === undefined ? undefined : toDescriptor(subject, 'subject').digest,
    annotations: toAnnotations(body['annotations']),
    ...parts,
  }
}
