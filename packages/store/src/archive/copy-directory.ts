import type { Usage } from '../layer/measure.ts'
import { runJob } from '../workers/run.ts'

/**
 * Copies what is in the directory `from` into the directory `to`, which takes on the owner, mode and time of `from`: with hard
 * links, devices and attributes. It has reached the disk afterwards. Neither path's last name may be a symlink; none in the
 * trees is followed.
 */
export const copyDirectory = (
  from: string,
  to: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<void> => runJob('copyTree', { from, to, sync: true }, { signal })

/** What is on disk at and below a directory, as du counts. */
export const measureDirectory = (path: string): Promise<Usage> => runJob('measureTree', { path })
