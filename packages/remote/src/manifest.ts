import {
  algorithmOf,
  type Descriptor,
  digestOf,
  hasCode,
  invalid,
  isDigest,
  isIndex,
  isManifest,
  mediaTypes,
  type Reference,
  SlipwayError,
} from '@slipway/core'
import { repositoryScope } from './authorization.ts'
import { readAtMost } from './fault.ts'
import type { Session } from './session.ts'
import { drain, headerOf, type Response } from './transport.ts'

/** Registries need take no more than 4 MiB (distribution-spec, "Pushing Manifests"); beyond twice that it is an attack. */
export const largestManifest = 8 * 1024 * 1024

const accept = [
  mediaTypes.ociIndex,
  mediaTypes.dockerManifestList,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
  '*/*;q=0.1',
].join(', ')

export interface FetchedManifest {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
}

const pathOf = (repository: string, name: string): string => `/v2/${repository}/manifests/${name}`

const mediaTypeOf = (response: Response): string =>
  (headerOf(response, 'content-type') ?? '').split(';')[0]?.trim() ?? ''

/** Docker's first manifest format is signed text that no digest of ours names; docker 28 refuses it as well. */
const refuseSchema1 = (mediaType: string): void => {
  if (!mediaType.startsWith('application/vnd.docker.distribution.manifest.v1+')) return
  throw new SlipwayError('unsupported', `media type "${mediaType}" is no longer supported, please rebuild the image`)
}

/** The body says what it is when the header doesn't (image-spec, manifest.md: `mediaType`). */
const declaredType = (bytes: Buffer): string => {
  try {
    const { mediaType, manifests } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown; manifests?: unknown }
    if (typeof mediaType === 'string') return mediaType
    return Array.isArray(manifests) ? mediaTypes.ociIndex : mediaTypes.ociManifest
  } catch (error) {
    throw invalid('error parsing manifest: it is no JSON', error)
  }
}

/** By tag or digest; the bytes are what the digest says, or it throws. */
export const getManifest = async (session: Session, repository: string, name: string): Promise<FetchedManifest> => {
  const response = await session.request({
    method: 'GET',
    target: pathOf(repository, name),
    scopes: [repositoryScope(repository, 'pull')],
    headers: { accept },
    expect: [200],
  })
  refuseSchema1(mediaTypeOf(response))
  const bytes = await readAtMost(response.body, largestManifest, 'the manifest')
  const wanted = isDigest(name) ? name : headerOf(response, 'docker-content-digest')
  const digest = digestOf(bytes, wanted !== undefined && isDigest(wanted) ? algorithmOf(wanted) : 'sha256')
  if (wanted !== undefined && wanted !== digest) {
    throw invalid(`manifest verification failed for digest ${wanted}`)
  }
  const said = mediaTypeOf(response)
  const mediaType = isManifest(said) || isIndex(said) ? said : declaredType(bytes)
  return { descriptor: { mediaType, digest, size: bytes.length }, bytes }
}

/** What HEAD tells, if it tells all; undefined when only GET can. */
export const headManifest = async (
  session: Session,
  repository: string,
  name: string,
): Promise<Descriptor | undefined> => {
  const response = await session.request({
    method: 'HEAD',
    target: pathOf(repository, name),
    scopes: [repositoryScope(repository, 'pull')],
    headers: { accept },
    expect: [200, 400, 404, 405],
  })
  await drain(response)
  if (response.status !== 200) return undefined
  const mediaType = mediaTypeOf(response)
  refuseSchema1(mediaType)
  const digest = headerOf(response, 'docker-content-digest') ?? ''
  const size = Number(headerOf(response, 'content-length') ?? Number.NaN)
  const complete = isDigest(digest) && Number.isSafeInteger(size) && (isManifest(mediaType) || isIndex(mediaType))
  if (!complete) return undefined
  if (isDigest(name) && name !== digest) throw invalid(`manifest verification failed for digest ${name}`)
  if (size > largestManifest)
    throw new SlipwayError('too-large', `the manifest is larger than ${largestManifest} bytes`)
  return { mediaType, digest, size }
}

/** Names the tag, or the digest, of the bytes; returns when the registry has agreed on the digest. */
export const putManifest = async (
  session: Session,
  repository: string,
  name: string,
  manifest: { readonly descriptor: Descriptor; readonly bytes: Uint8Array },
): Promise<void> => {
  const response = await session.request({
    method: 'PUT',
    target: pathOf(repository, name),
    scopes: [repositoryScope(repository, 'pull,push')],
    headers: { 'content-type': manifest.descriptor.mediaType },
    body: manifest.bytes,
    expect: [200, 201, 202],
  })
  await drain(response)
  const stored = headerOf(response, 'docker-content-digest')
  if (stored !== undefined && stored !== manifest.descriptor.digest) {
    throw invalid(`the registry stored ${stored} in place of ${manifest.descriptor.digest}`)
  }
}

/** `/v2/…/tags/list`, all its pages. */
export const listTags = async (session: Session, repository: string): Promise<readonly string[]> => {
  const tags: string[] = []
  let target: string | URL | undefined = `/v2/${repository}/tags/list?n=1000`
  for (let page = 0; target !== undefined && page < 1000; page += 1) {
    const scopes = [repositoryScope(repository, 'pull')]
    const response: Response = await session.request({ method: 'GET', target, scopes, expect: [200] })
    const body = JSON.parse(
      (await readAtMost(response.body, largestManifest, 'the list of tags')).toString('utf8'),
    ) as {
      tags?: unknown
    }
    if (Array.isArray(body.tags)) tags.push(...body.tags.filter((tag) => typeof tag === 'string'))
    const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headerOf(response, 'link') ?? '')?.[1]
    target = next === undefined ? undefined : new URL(next, response.url)
  }
  return tags
}

const wordless = ['forbidden', 'unauthenticated', 'rate-limited'] as const

/** HEAD first, as it costs no pull at registries that count; GET for what HEAD leaves open, and for the words of a 404. */
export const resolveManifest = async (
  session: Session,
  repository: string,
  reference: Reference,
): Promise<{ readonly descriptor: Descriptor; readonly bytes?: Buffer }> => {
  const name = reference.digest ?? reference.tag ?? 'latest'
  const head = await headManifest(session, repository, name).catch((error: unknown) => {
    // The answer to a HEAD has no words; that to the GET says why.
    if (wordless.some((code) => hasCode(error, code))) return undefined
    throw error
  })
  return head === undefined ? getManifest(session, repository, name) : { descriptor: head }
}
