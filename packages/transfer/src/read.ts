import {
  algorithmOf,
  type Descriptor,
  digestOf,
  type ImageSource,
  type Index,
  invalid,
  isDigest,
  type Manifest,
  messageOf,
} from '@slipway/core'

/** Larger ones are refused: registries need not take more than 4 MiB, and everything in them is held in memory. */
const largestManifest = 8 * 1024 * 1024
const mostChildren = 2000

export const isDescriptor = (value: unknown): value is Descriptor => {
  if (typeof value !== 'object' || value === null) return false
  const { mediaType, digest, size, urls } = value as Partial<Record<keyof Descriptor, unknown>>
  const validSize = typeof size === 'number' && Number.isSafeInteger(size) && size >= 0
  const validUrls = urls === undefined || (Array.isArray(urls) && urls.every((url) => typeof url === 'string'))
  return typeof mediaType === 'string' && typeof digest === 'string' && isDigest(digest) && validSize && validUrls
}

const isDescriptorList = (value: unknown): value is readonly Descriptor[] =>
  Array.isArray(value) && value.length <= mostChildren && value.every(isDescriptor)

/** The bytes of something small, checked against its descriptor. */
export const readSmall = async (from: ImageSource, descriptor: Descriptor): Promise<Buffer> => {
  const { digest, size } = descriptor
  if (size > largestManifest) throw invalid(`${digest} is ${size} bytes long, more than the ${largestManifest} allowed`)
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of (await from.fetch(descriptor)) as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > size) throw invalid(`${digest} is longer than the ${size} bytes it should have`)
    chunks.push(chunk)
  }
  const bytes = Buffer.concat(chunks)
  if (bytes.length !== size || digestOf(bytes, algorithmOf(digest)) !== digest) {
    throw invalid(`verification failed for digest ${digest}`)
  }
  return bytes
}

const parse = (bytes: Buffer, digest: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw invalid(`error parsing manifest ${digest}: ${messageOf(error)}`, error)
  }
  throw invalid(`error parsing manifest ${digest}: it is no object`)
}

/** A body that says it is both could be read in two ways (CVE-2021-41190). */
const refuseBoth = (value: Record<string, unknown>, digest: string): void => {
  const isManifest = value['config'] !== undefined || value['layers'] !== undefined
  if (isManifest && value['manifests'] !== undefined)
    throw invalid(`ambiguous manifest ${digest}: both image and index`)
}

/** Throws invalid unless it is a whole manifest. */
export const parseManifest = (bytes: Buffer, digest: string): Manifest => {
  const value = parse(bytes, digest)
  refuseBoth(value, digest)
  if (!isDescriptor(value['config']) || !isDescriptorList(value['layers'])) {
    throw invalid(`manifest ${digest} is not an image manifest`)
  }
  return value as unknown as Manifest
}

/** Throws invalid unless it is a whole index. */
export const parseIndex = (bytes: Buffer, digest: string): Index => {
  const value = parse(bytes, digest)
  refuseBoth(value, digest)
  if (!isDescriptorList(value['manifests'])) throw invalid(`manifest ${digest} is not an index`)
  return value as unknown as Index
}
