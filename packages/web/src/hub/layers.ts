import type { HubImage } from '@slipway/client'

export interface LayerRow {
  /** What made it, as the image tells. */
  readonly command: string
  /** Bytes, compressed; 0 for a step that made none. */
  readonly size: number
  readonly digest: string | undefined
}

const withoutShell = (command: string): string => command.replace(/^\/bin\/sh -c (#\(nop\) +)?/, '')

/** The image's history beside its layers, the newest first; of an image without a history the layers alone. */
export const layerRows = ({ manifest: { layers = [] }, config }: HubImage): readonly LayerRow[] => {
  const history = config?.history ?? []
  if (history.filter(({ empty_layer }) => !empty_layer).length !== layers.length) {
    return layers.map(({ digest, size, mediaType }) => ({ command: mediaType, size, digest })).toReversed()
  }
  let next = 0
  return history
    .map(({ created_by = '', empty_layer = false }) => {
      const layer = empty_layer ? undefined : layers[next++]
      return { command: withoutShell(created_by), size: layer?.size ?? 0, digest: layer?.digest }
    })
    .toReversed()
}
