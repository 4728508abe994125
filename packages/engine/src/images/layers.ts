import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { ImageLayer, LayerLine } from '@slipway/client'
import { type ChainId, chainIds, type DiffId, type ImageConfig, messageOf } from '@slipway/core'
import { type ListLayer, listLayer } from '@slipway/store'
import { type Making, presentBlobs, type WantedLayer } from './layer-blob.ts'
import type { ImageRoom } from './room.ts'

export interface ListLayersRequest {
  readonly name: string
  readonly signal: AbortSignal
}

/** What made each layer; the history of an image has steps without one too. */
const makersOf = ({ history = [] }: ImageConfig): readonly string[] =>
  history.filter((step) => step.empty_layer !== true).map((step) => step.created_by ?? '')

/** Reads a layer's tar: the blob it came as, or one made of its files. */
const withLayerFile = async (
  room: ImageRoom,
  { diffId, chainId }: WantedLayer,
  { lease, signal }: Making,
  read: (layer: ListLayer) => Promise<void>,
): Promise<void> => {
  const { content, snapshots } = room.store
  const [blob] = await presentBlobs(room, diffId, { lease })
  if (blob !== undefined) {
    await read({ path: content.pathOf(blob.digest) })
    return
  }
  const path = content.scratchPath()
  try {
    await snapshots.diff(chainId, { to: path, ...(signal ? { signal } : {}) })
    await read({ path, compression: 'none' })
  } finally {
    await rm(path, { force: true })
  }
}

const send = async (response: ServerResponse, bytes: string | Uint8Array, signal: AbortSignal): Promise<void> => {
  if (!response.write(bytes)) await once(response, 'drain', { signal })
}

const line = (value: LayerLine): string => `${JSON.stringify(value)}\n`

/**
 * `GET /slipway/images/{name}/layers`: what is in each layer, from the bottom up, a line of JSON for each entry; never more
 * of it in memory than a few pieces. Throws not-found; what goes wrong later is the last line.
 */
export const listImageLayers = async (
  room: ImageRoom,
  response: ServerResponse,
  { name, signal }: ListLayersRequest,
): Promise<void> => {
  const { config } = await room.store.resolve(name)
  const chain = chainIds(config.rootfs.diff_ids)
  const makers = makersOf(config)
  await using lease = room.store.leases.take(`layers of ${name}`)
  for (const chainId of chain) lease.hold({ kind: 'snapshot', name: chainId })
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
  try {
    for (const [place, diffId] of config.rootfs.diff_ids.entries()) {
      const layer: ImageLayer = { diffId, chainId: chain[place] ?? '', createdBy: makers[place] ?? '' }
      await send(response, line({ layer }), signal)
      const wanted = { diffId: diffId as DiffId, chainId: chain[place] as ChainId }
      await withLayerFile(room, wanted, { lease, signal }, async (file) => {
        for await (const bytes of listLayer(file, { signal })) await send(response, bytes as Uint8Array, signal)
      })
    }
  } catch (error) {
    if (signal.aborted) return
    response.write(line({ error: messageOf(error) }))
  }
  response.end()
}
