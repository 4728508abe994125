import type { Readable } from 'node:stream'
import { streamJob } from '../workers/run.ts'

/** What has to be done to the tree at `base` to make it the one at `tree`, as a layer's tar. Both are only read. */
export const packDifference = (
  { base, tree }: { readonly base: string; readonly tree: string },
  options: { readonly signal?: AbortSignal } = {},
): Readable => streamJob('packLayer', { tree, base, contents: true }, options)
