import { rmSync } from 'node:fs'
import { hasCode } from '@slipway/core'
import { resolveInRoot } from './resolve.ts'
import { openTree, selectSources } from './select.ts'

/** Takes files away from a file system (LLB's `rm`). */
export interface DeleteJob {
  readonly kind: 'delete'
  readonly root: string
  /** Without `wildcards`, taken as it is. */
  readonly path: string
  readonly wildcards: boolean
  /** It is no error when there is nothing to delete. */
  readonly maybe: boolean
}

const literally = (path: string): string => path.replace(/[*?[\\]/g, '\\$&')

const pathsOf = ({ root, path, wildcards, maybe }: DeleteJob): readonly string[] => {
  const tree = openTree({ source: { kind: 'directory', path: root }, ignore: [], isContext: false }, () => undefined)
  try {
    return selectSources(tree, [wildcards ? path : literally(path)]).map(({ relative }) => relative)
  } catch (error) {
    if (maybe && hasCode(error, 'invalid')) return []
    throw error
  }
}

export const deleteFiles = (job: DeleteJob): void => {
  for (const relative of pathsOf(job)) {
    if (relative === '') continue
    rmSync(resolveInRoot(job.root, relative), { recursive: true, force: true })
  }
}
