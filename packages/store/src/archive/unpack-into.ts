import type { Bytes } from '@slipway/core'
import type { TarLimits } from '../tar/parse.ts'
import { runJob } from '../workers/run.ts'

export interface UnpackOptions {
  /** Everything becomes this owner's. Default: what the tar says; whoever runs this where it isn't root. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Makes `path` when it isn't there. Default: fails with not-found. */
  readonly create?: boolean
  /** Fails with conflict where a directory would replace something else, or the other way round. Default: replaces. */
  readonly keepKinds?: boolean
  /** `path` itself keeps its owner, mode and time, whatever the tar says of `./`. */
  readonly keepTop?: boolean
  readonly limits?: TarLimits
  readonly signal?: AbortSignal
}

/**
 * Unpacks a tar, compressed or not, into the directory `path` below `root`. Names are looked up as a process would whose
 * root is `root`; one that leaves `path` by `..`, and a hard link to what lies outside of `root`, are invalid. What was
 * unpacked before a failure stays. Whiteouts have no meaning here and come out as the files they are.
 */
export const unpackInto = async (
  root: string,
  path: string,
  tar: Bytes,
  options: UnpackOptions = {},
): Promise<void> => {
  const { signal, owner, create = false, keepKinds = false, keepTop = false, limits } = options
  await runJob('unpackTree', { root, path, owner, create, keepKinds, keepTop, limits }, { source: tar, signal })
}
