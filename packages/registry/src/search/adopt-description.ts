import { text } from 'node:stream/consumers'
import { type Digest, type ImageConfig, mediaTypes, messageOf } from '@slipway/core'
import { findBlob } from '../metadata/blobs.ts'
import type { NewManifest } from '../metadata/manifests.ts'
import { describeRepository, type Repository } from '../metadata/repositories.ts'
import type { Registry } from '../registry.ts'

const label = 'org.opencontainers.image.description'
const largestConfig = 1 << 20
/** Hub's limit for short descriptions is 100; labels tend to be longer. */
const longestDescription = 250

const configTypes: readonly string[] = [mediaTypes.ociConfig, mediaTypes.dockerConfig]

const readConfig = async (registry: Registry, repository: string, digest: Digest): Promise<Partial<ImageConfig>> => {
  const blob = await findBlob(registry.database.sql, repository, digest)
  return blob ? (JSON.parse(await text(await registry.storage.read(blob.storageKey))) ?? {}) : {}
}

const labelOf = async (registry: Registry, repository: string, { config }: NewManifest): Promise<unknown> => {
  if (config === undefined || !configTypes.includes(config.mediaType) || config.size > largestConfig) return undefined
  return (await readConfig(registry, repository, config.digest)).config?.Labels?.[label]
}

const adopt = async (registry: Registry, repository: Repository, manifest: NewManifest): Promise<void> => {
  const told = manifest.annotations?.[label] ?? (await labelOf(registry, repository.name, manifest))
  if (typeof told !== 'string') return
  const line = told.replace(/\s+/g, ' ').trim().slice(0, longestDescription)
  if (line !== '') await describeRepository(registry.database.sql, repository.name, line)
}

/**
 * A repository that nobody has described is described by the first image that describes itself. The image is pushed by
 * then: a config that isn't what it claims to be is its own affair.
 */
export const adoptDescription = async (
  registry: Registry,
  repository: Repository,
  manifest: NewManifest,
): Promise<void> => {
  try {
    await adopt(registry, repository, manifest)
  } catch (error) {
    registry.logger.debug({ repository: repository.name, error: messageOf(error) }, 'no description could be read')
  }
}
