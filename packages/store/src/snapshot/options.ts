import type { Snapshotter } from '@slipway/core'

export type ApplyOptions = NonNullable<Parameters<Snapshotter['apply']>[3]>
export type DiffOptions = NonNullable<Parameters<Snapshotter['diff']>[1]>
