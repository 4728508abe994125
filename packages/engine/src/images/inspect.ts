import type { ImageInspect } from '@slipway/client'
import { familiarName, type Platform } from '@slipway/core'
import { graphDriverName } from '../system/graph-driver.ts'
import { imageFor } from './platform.ts'
import type { ImageRoom } from './room.ts'

/** `GET /images/{name}/json`, of the one for `platform` where that is asked for. Throws not-found. */
export const inspectImage = async ({ store }: ImageRoom, name: string, platform?: Platform): Promise<ImageInspect> => {
  const image = await imageFor(store, name, platform)
  const { config } = image
  return {
    Id: image.id,
    RepoTags: image.references.map(familiarName).toSorted(),
    RepoDigests: image.repoDigests.map(familiarName).toSorted(),
    Parent: image.parent ?? '',
    Comment: config.history?.at(-1)?.comment ?? '',
    ...(config.created === undefined ? {} : { Created: config.created }),
    DockerVersion: '',
    Author: config.author ?? '',
    Config: config.config ?? {},
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: image.size,
    GraphDriver: { Name: graphDriverName(store.snapshots), Data: null },
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: image.lastTaggedAt?.toISOString() ?? '0001-01-01T00:00:00Z' },
  }
}
