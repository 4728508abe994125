import type { DiffId, HistoryEntry, ImageConfig, Platform, RunConfig } from '@slipway/core'

/** How BuildKit's Dockerfile frontend signs the history. */
const historyComment = 'buildkit.dockerfile.v0'

/** The image as it is after one step. */
export interface StepImage {
  /** The image before; undefined: nothing was there. */
  readonly before?: ImageConfig
  readonly platform: Platform
  readonly config: RunConfig
  readonly author?: string
  /** What its history tells of it; undefined: nothing. */
  readonly createdBy?: string | undefined
  /** ISO 8601. */
  readonly createdAt: string
  /** All of them, those of the image before included. */
  readonly layers: readonly DiffId[]
}

/** What an image that holds nothing is. */
export const emptyImage = (platform: Platform): ImageConfig => ({
  architecture: platform.architecture,
  os: platform.os,
  ...(platform.variant === undefined ? {} : { variant: platform.variant }),
  rootfs: { type: 'layers', diff_ids: [] },
})

/** The config of the image that a step makes of the one before. */
export const imageAfter = (step: StepImage): ImageConfig => {
  const before = step.before ?? emptyImage(step.platform)
  const author = step.author ?? before.author
  const addsLayer = step.layers.length > before.rootfs.diff_ids.length
  const entry = (createdBy: string): HistoryEntry => ({
    created: step.createdAt,
    created_by: createdBy,
    comment: historyComment,
    ...(addsLayer ? {} : { empty_layer: true }),
  })
  return {
    architecture: before.architecture,
    os: before.os,
    ...(before.variant === undefined ? {} : { variant: before.variant }),
    created: step.createdAt,
    ...(author === undefined ? {} : { author }),
    config: step.config,
    rootfs: { type: 'layers', diff_ids: step.layers },
    history: [...(before.history ?? []), ...(step.createdBy === undefined ? [] : [entry(step.createdBy)])],
  }
}
