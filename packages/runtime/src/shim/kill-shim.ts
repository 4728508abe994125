import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bundle } from '@slipway/core'

/**
 * Kills a shim that hangs, found as the parent of the container's first process: a shim is its children's reaper. Nothing
 * is killed that isn't a shim.
 */
export const killShim = async (bundle: Bundle): Promise<void> => {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '')
  const pid = Number(await read(join(bundle.path, 'init.pid')))
  if (!(pid > 1)) return
  const parent = /^PPid:\s*(\d+)$/m.exec(await read(`/proc/${pid}/status`))?.[1]
  const name = await read(`/proc/${parent}/comm`)
  if (parent !== undefined && name.startsWith('containerd-shim')) process.kill(Number(parent), 'SIGKILL')
}
