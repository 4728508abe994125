import type { Readable } from 'node:stream'
import { streamJob } from '../workers/run.ts'

export interface PackOptions {
  /**
   * What the tar calls `path` itself. Default: its last name, as `docker cp` has it (`/etc/nginx` packs `nginx/`,
   * `nginx/nginx.conf`, …). With `''` there is no entry for a directory itself, only for what is in it (`docker export`).
   */
  readonly as?: string
  /** Every entry is this owner's, whoever owns the file. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  /** Leaves out these paths below `path` (no leading slash), with all below them. */
  readonly without?: readonly string[]
  readonly signal?: AbortSignal
}

/**
 * A tar of `path`, looked up as a process would whose root is `root`: absolute symlinks and `..` on the way stay inside,
 * whoever changes the tree meanwhile. A symlink at the end is packed as a link, unless `path` ends in a slash.
 * The stream fails with not-found when there is nothing.
 */
export const packDirectory = (root: string, path: string, options: PackOptions = {}): Readable => {
  const { signal, as, owner, without } = options
  return streamJob('packTree', { root, path, as, owner, without }, { signal })
}
