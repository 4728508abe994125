import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasErrno, invalid, messageOf, SlipwayError } from '@slipway/core'
import type { BindMount } from './mount.ts'

const isThere = async (path: string): Promise<boolean> => {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (!hasErrno(error, 'ENOENT') && !hasErrno(error, 'ENOTDIR')) throw error
    return false
  }
}

const isMissing = (source: string): Error =>
  invalid(`invalid mount config for type "bind": bind source path does not exist: ${source}`)

/** When the container is made. Throws invalid for a source that has to be there already. */
export const checkSource = async ({ source, createSource }: BindMount): Promise<void> => {
  if (!createSource && !(await isThere(source))) throw isMissing(source)
}

/** Node's own way to make parents too tries for ever where a directory is there and takes no new one: below /proc. */
const makeWithParents = async (path: string): Promise<void> => {
  try {
    await mkdir(path)
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return
    const parent = dirname(path)
    if (!hasErrno(error, 'ENOENT') || (await isThere(parent))) throw error
    await makeWithParents(parent)
    await makeWithParents(path)
  }
}

/** `no such file or directory` of Node's "ENOENT: no such file or directory, mkdir '/proc/x'". */
const reasonOf = (error: unknown): string => /^[A-Z]+: ([^,]+),/.exec(messageOf(error))?.[1] ?? messageOf(error)

/** When the container is started: makes what may be made. Throws invalid for what may not. */
export const ensureSource = async ({ source, createSource }: BindMount): Promise<void> => {
  if (await isThere(source)) return
  if (!createSource) throw isMissing(source)
  try {
    await makeWithParents(source)
  } catch (cause) {
    const message = `error while creating mount source path '${source}': mkdir ${source}: ${reasonOf(cause)}`
    throw new SlipwayError('internal', message, { cause })
  }
}
