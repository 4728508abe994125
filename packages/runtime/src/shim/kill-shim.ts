import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle } from '@slipway/core'

const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')

/**
 * Kills a shim that hangs, found as the parent of the container's first process: a shim is its children's reaper. Nothing
 * is killed that isn't a shim.
 */
export const killShim = async (bundle: Bundle): Promise<void> => {
  const pid = Number(await read(join(bundle.path, 'init.pid')))
  if (!(pid > 1)) return
  const parent = /^PPid:\s*(\d+)$/m.exec(await read(`/proc/${pid}/status`))?.[1]
  const name = await read(`/proc/${parent}/comm`)
  if (parent !== undefined && name.startsWith('containerd-shim')) process.kill(Number(parent), 'SIGKILL')
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
