import { text } from 'node:stream/consumers'
import type { Descriptor, ImageConfig } from '@slipway/core'
import { findBlob } from '../metadata/blobs.ts'
import type { Registry } from '../registry.ts'

const largestConfig = 1 << 20

/** An image's config; null where there is none, or none that is JSON. */
export const readConfig = async (
  registry: Registry,
  repository: string,
  config: Descriptor | undefined,
): Promise<Partial<ImageConfig> | null> => {
  if (config === undefined || config.size > largestConfig) return null
  const blob = await findBlob(registry.database.sql, repository, config.digest)
  if (blob === undefined) return null
  try {
    return JSON.parse(await text(await registry.storage.read(blob.storageKey)))
  } catch {
    // An artifact's config needn't be JSON.
    return null
  }
}
