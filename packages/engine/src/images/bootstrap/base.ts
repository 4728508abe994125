import type { Bytes, RunConfig } from '@slipway/core'
import type { Report } from '../progress.ts'

export interface BaseRequest {
  /** For debian, the suite. */
  readonly tag: string
  readonly report: Report
  readonly signal?: AbortSignal
}

/** A file system to be made an image of. */
export interface Base {
  /** Made while it is read. */
  readonly tar: Bytes
  readonly config: RunConfig
  /** Follows from the packages, so that the image does. */
  readonly createdAt: Date
  readonly message: string
}

export const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
