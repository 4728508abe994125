import type { Snapshotter, UnpackedLayer } from '@slipway/core'
import type { WriteLayer } from './layer-form.ts'

/**
 * Takes a layer that its maker writes as an image, without a tar in between; what `write` left behind when it fails goes away.
 */
export type Adopt = (write: WriteLayer) => Promise<UnpackedLayer>

/** Undefined: its layers are no images, and have to be unpacked. */
export const adopterOf = (snapshots: Snapshotter): Adopt | undefined =>
  (snapshots as { readonly adopt?: Adopt | undefined }).adopt
