import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bundle, hasErrno } from '@slipway/core'
import { beforeLong } from './before-long.ts'
import type { ShimConnection } from './connection.ts'

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/**
 * Kills a shim that can't end its container. It says itself which process it is, if it still talks; else it is found as the
 * parent of the container's first process: a shim is its children's reaper. Nothing is killed that isn't a shim.
 */
export const killShim = async (connection: ShimConnection, bundle: Bundle): Promise<void> => {
  const said = await beforeLong(connection.call('connect', { id: bundle.id })).catch(() => undefined)
  const shim = said?.shimPid ?? (await parentOfFirstProcess(bundle))
  if (shim === undefined || !(await read(`/proc/${shim}/comm`)).startsWith('containerd-shim')) return
  try {
    process.kill(shim, 'SIGKILL')
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error
  }
}

const parentOfFirstProcess = async (bundle: Bundle): Promise<number | undefined> => {
  const pid = Number(await read(join(bundle.path, 'init.pid')))
  if (!(pid > 1)) return undefined
  const parent = /^PPid:\s*(\d+)$/m.exec(await read(`/proc/${pid}/status`))?.[1]
  return parent === undefined ? undefined : Number(parent)
}

/**
 * Kills the shim that was started with this id, found by its command line: the daemon died before it had written down where
 * the shim listens, so no container is in it.
 */
export const killUnrecordedShim = async (namespace: string, id: string): Promise<void> => {
  const asked = `\0-namespace\0${namespace}\0-id\0${id}\0`
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    if (!(await read(`/proc/${pid}/cmdline`)).includes(asked)) continue
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
}
