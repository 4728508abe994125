import { applyChanges } from '@slipway/build'
import {
  type Bytes,
  familiarName,
  hostPlatform,
  invalid,
  type Platform,
  type Reference,
  type RunConfig,
} from '@slipway/core'
import { adoptLayer } from './adopt-layer.ts'
import type { ImageRoom } from './room.ts'
import type { Image } from './store.ts'

export interface ImportRequest {
  /** A tar of files, compressed or not. */
  readonly tar: Bytes
  readonly reference?: Reference | undefined
  readonly message: string
  /** Dockerfile instructions. */
  readonly changes: readonly string[]
  readonly config?: RunConfig
  readonly platform?: Platform | undefined
  /** Default: now. The same tar, config and time make the same image. */
  readonly createdAt?: Date | undefined
  readonly signal?: AbortSignal
}

/**
 * `docker import`: an image of one layer. Throws invalid for what is no tar, leaves its root, or is for no Linux; nothing stays
 * then.
 */
export const importImage = async (room: ImageRoom, request: ImportRequest): Promise<Image> => {
  try {
    return await makeImage(room, request)
  } catch (error) {
    // Its blob may have been kept before its files could not be.
    await room.collector.collect()
    throw error
  }
}

const makeImage = async (room: ImageRoom, request: ImportRequest): Promise<Image> => {
  const { tar, reference, message, changes, platform = hostPlatform(), createdAt = new Date(), signal } = request
  const { store } = room
  if (platform.os !== 'linux') throw invalid('operating system is not supported')
  const runConfig = applyChanges(request.config ?? {}, changes)
  await using lease = store.leases.take(`import ${reference === undefined ? '' : familiarName(reference)}`)
  const layer = await adoptLayer(room, tar, { lease, signal })
  const created = createdAt.toISOString()
  const config = {
    architecture: platform.architecture,
    ...(platform.variant ? { variant: platform.variant } : {}),
    os: platform.os,
    created,
    config: runConfig,
    rootfs: { type: 'layers' as const, diff_ids: [layer.diffId] },
    history: [{ created, comment: message }],
  }
  await store.rememberLayerBlobs([layer])
  const image = await store.create({ config, lease })
  if (reference !== undefined) await store.tag(reference, image.id)
  store.publish('import', image.id, image.id)
  return (await store.get(image.id)) ?? image
}
