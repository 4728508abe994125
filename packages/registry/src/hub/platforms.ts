import { type Descriptor, type Digest, isIndex } from '@slipway/core'
import { findManifestByDigest } from '../metadata/manifests.ts'
import type { Registry } from '../registry.ts'
import { readConfig } from './image-config.ts'

interface Platform {
  readonly os?: unknown
  readonly architecture?: unknown
  readonly variant?: unknown
}

interface LooseManifest {
  readonly config?: Descriptor
  readonly manifests?: readonly (Descriptor & { readonly platform?: Platform })[]
}

const mostPlatforms = 50
const word = /^[\w.-]{1,32}$/

/** `linux/arm64/v8`; undefined for what isn't for a machine (attestations call theirs unknown), or isn't in words. */
const nameOf = ({ os, architecture, variant }: Platform): string | undefined => {
  const parts = [os, architecture, ...(variant === undefined || variant === '' ? [] : [variant])]
  const isNamed = parts.every((part) => typeof part === 'string' && word.test(part) && part !== 'unknown')
  return isNamed ? parts.join('/') : undefined
}

export interface Tagged {
  readonly digest: Digest
  /** As they were noted; null: nobody has looked yet. */
  readonly platforms: string | null
}

const read = async (registry: Registry, repository: string, digest: Digest): Promise<string> => {
  const manifest = await findManifestByDigest(registry.database.sql, repository, digest)
  if (manifest === undefined) return ''
  const loose: LooseManifest = JSON.parse(Buffer.from(manifest.payload).toString('utf8'))
  const platforms = isIndex(manifest.mediaType)
    ? (loose.manifests ?? []).map(({ platform }) => platform ?? {})
    : [(await readConfig(registry, repository, loose.config)) ?? {}]
  return [...new Set(platforms.flatMap((platform) => nameOf(platform) ?? []))].slice(0, mostPlatforms).join(',')
}

/** What machines a manifest is for. A manifest never changes: what was read once is noted beside it. */
export const platformsOf = async (
  registry: Registry,
  { repository, repositoryId }: { readonly repository: string; readonly repositoryId: number },
  { digest, platforms }: Tagged,
): Promise<readonly string[]> => {
  let text = platforms
  if (text === null) {
    text = await read(registry, repository, digest)
    await registry.database.sql`
      UPDATE manifest SET platforms = ${text} WHERE repository_id = ${repositoryId} AND digest = ${digest}`
  }
  return text === '' ? [] : text.split(',')
}
