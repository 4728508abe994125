import type { Bytes, Compression, LayerFile, LayerStream } from '@slipway/core'

interface Input {
  readonly path?: string
  readonly compression?: Compression | undefined
}

/** What a worker is told of a layer, and what is streamed to it. */
export const inputOf = (layer: LayerFile | LayerStream): readonly [Input, { readonly source?: Bytes }] => {
  const { compression } = layer
  return 'path' in layer ? [{ path: layer.path, compression }, {}] : [{ compression }, { source: layer.bytes }]
}
