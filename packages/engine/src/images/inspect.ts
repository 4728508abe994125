import type { ImageInspect } from '@slipway/client'
import { familiarName, type Platform } from '@slipway/core'
import { graphDriverName } from '../system/graph-driver.ts'
import { manifestsOf } from './manifests.ts'
import { imageFor } from './platform.ts'
import type { ImageRoom } from './room.ts'

export interface InspectRequest {
  /** Of what the name stands for, the one for this machine. */
  readonly platform?: Platform | undefined
  /** With what the index lists that it came with. */
  readonly manifests?: boolean
}

/** `GET /images/{name}/json`. Throws not-found. */
export const inspectImage = async (
  room: ImageRoom,
  name: string,
  { platform, manifests = false }: InspectRequest = {},
): Promise<ImageInspect> => {
  const { store } = room
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
    ...(manifests ? await manifestsOf(room, image) : {}),
    Metadata: { LastTagTime: image.lastTaggedAt?.toISOString() ?? '0001-01-01T00:00:00Z' },
  }
}
