import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Bundle, type Logger, messageOf } from '@slipway/core'
import { locateCgroup } from '../cgroup/locate.ts'
import { removeCgroup } from '../cgroup/remove.ts'
import { readSpec } from '../spec/read.ts'

const run = promisify(execFile)
const patience = 30_000

export interface Leftovers {
  readonly bundle: Bundle
  /** The OCI runtimes that it may have been run with, and where each keeps its state of this namespace's containers. */
  readonly runtimes: readonly { readonly command: string; readonly root: string }[]
  readonly systemdCgroup: boolean
  readonly logger: Logger
}

/**
 * Takes away what a container leaves whose shim is dead: its processes, its cgroup, the OCI runtime's state. What isn't there is
 * no error; what can't be removed is logged, since the caller has nothing else to do about it.
 */
export const removeLeftovers = async ({ bundle, runtimes, systemdCgroup, logger }: Leftovers): Promise<void> => {
  const attempt = async (what: string, action: () => Promise<unknown>): Promise<void> => {
    await action().catch((error) =>
      logger.warn({ containerId: bundle.id, error: messageOf(error) }, `can't remove ${what}`),
    )
  }
  const known = runtimes.filter(({ root }) => existsSync(join(root, bundle.id)))
  const flags = systemdCgroup ? ['--systemd-cgroup'] : []
  for (const { command, root } of known) {
    await attempt('container with its runtime', () =>
      run(command, ['--root', root, ...flags, 'delete', '--force', bundle.id], { timeout: patience }),
    )
  }
  const spec = await readSpec(bundle).catch(() => undefined)
  if (spec !== undefined) {
    await attempt('cgroup', () => removeCgroup(locateCgroup(spec.linux.cgroupsPath)))
  }
  for (const { root } of known) {
    await attempt('runtime state', () => rm(join(root, bundle.id), { recursive: true, force: true }))
  }
}
