import {
  type ApplyOptions,
  type Bytes,
  type Compression,
  type LayerFile,
  type LayerStream,
  SlipwayError,
} from '@slipway/core'
import type { ReadLayer } from '../layer/unpack.ts'

interface Input {
  readonly path?: string
  readonly compression?: Compression | undefined
}

/** What a worker is told of a layer, and what is streamed to it. */
export const inputOf = (layer: LayerFile | LayerStream): readonly [Input, { readonly source?: Bytes }] => {
  const { compression } = layer
  return 'path' in layer ? [{ path: layer.path, compression }, {}] : [{ compression }, { source: layer.bytes }]
}

/** A layer, with the digest that was made of it here or by someone else. */
export const withDigest = async <Layer extends ReadLayer>(layer: Layer, hashed: ApplyOptions['hashed']) => {
  const diffId = layer.diffId ?? (await hashed)
  if (diffId === undefined) throw new SlipwayError('internal', 'nobody has hashed this layer')
  return { ...layer, diffId }
}
