import { SlipwayError } from '@slipway/core'
import type { EngineClient } from '../connection/engine-client.ts'
import { readJsonStream } from '../connection/json-stream.ts'
import type { ImageLayer, ImageMount, LayerFile, LayerLine } from '../wire/image-layer.ts'

const at = (name: string, verb: string): string => `/slipway/images/${encodeURIComponent(name)}/${verb}`

/** The layers of an image from the bottom up and what is in each. An extension of our engine. */
export async function* imageLayers(
  client: EngineClient,
  name: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncIterable<{ readonly layer: ImageLayer } | LayerFile> {
  const response = await client.request({ path: at(name, 'layers'), signal })
  for await (const line of readJsonStream<LayerLine>(response)) {
    if ('error' in line) throw new SlipwayError('internal', line.error)
    yield line
  }
}

/** Shows an image's files at a directory of the engine's machine, to be read only. An extension of our engine. */
export const mountImage = (client: EngineClient, name: string, path: string): Promise<void> =>
  client.send({ method: 'POST', path: at(name, 'mount'), query: { path } })

/** Ends what `mountImage` began. An extension of our engine. */
export const unmountImage = (client: EngineClient, path: string): Promise<void> =>
  client.send({ method: 'POST', path: '/slipway/unmount', query: { path } })

export const listImageMounts = (client: EngineClient): Promise<readonly ImageMount[]> =>
  client.json({ path: '/slipway/mounts' })
