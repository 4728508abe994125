import { mkdir, stat } from 'node:fs/promises'
import { hasErrno, invalid } from '@slipway/core'
import type { BindMount } from './mount.ts'

const isThere = async (path: string): Promise<boolean> => {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
    return false
  }
}

const isMissing = (source: string): Error =>
  invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`)

/** When the container is made. Throws invalid for a source that has to be there already. */
export const checkSource = async ({ source, createSource }: BindMount): Promise<void> => {
  if (!createSource && !(await isThere(source))) throw isMissing(source)
}

/** When the container is started: makes what may be made. Throws invalid for what may not. */
export const ensureSource = async ({ source, createSource }: BindMount): Promise<void> => {
  if (await isThere(source)) return
  if (!createSource) throw isMissing(source)
  await mkdir(source, { recursive: true })
}
