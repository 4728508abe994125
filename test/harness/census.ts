import { glob, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestEngine } from './engine.ts'
import { cablesOf } from './leftovers.ts'
import { mountsBelow } from './mounts.ts'
import { processesNaming } from './processes.ts'

/** How many things of the kernel's an engine holds, while it runs. */
export interface Census {
  readonly mounts: number
  readonly cables: number
  readonly networkNamespaces: number
  readonly bundles: number
  readonly fifos: number
  readonly shims: number
  /** Of the daemon, sockets left out: clients come and go. */
  readonly descriptors: number
}

const entries = (path: string): Promise<readonly string[]> => readdir(path).catch(() => [])

const isSocket = async (pid: number, descriptor: string): Promise<boolean> =>
  (await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => 'socket:')).startsWith('socket:')

const countFifos = async (execRoot: string): Promise<number> => {
  let count = 0
  for await (const entry of glob('**/{stdin,stdout,stderr}', { cwd: execRoot, withFileTypes: true })) {
    if (entry.isFIFO()) count += 1
  }
  return count
}

export const takeCensus = async (engine: TestEngine): Promise<Census> => {
  const { execRoot, dataRoot, bridge, pid } = engine
  const descriptors = await entries(`/proc/${pid}/fd`)
  const sockets = await Promise.all(descriptors.map((descriptor) => isSocket(pid, descriptor)))
  return {
    mounts: (await mountsBelow(execRoot)).length + (await mountsBelow(dataRoot)).length,
    cables: (await cablesOf(engine)).length,
    networkNamespaces: (await entries(join(execRoot, 'netns'))).length,
    bundles: (await entries(join(execRoot, 'containers'))).length,
    fifos: await countFifos(join(execRoot, 'containers')),
    shims: (await processesNaming([`-namespace slipway-${bridge} `])).length,
    descriptors: sockets.filter((is) => !is).length,
  }
}

/** The control groups that containers with these ids have, wherever. */
export const controlGroupsOf = async (ids: readonly string[]): Promise<readonly string[]> => {
  const wanted = new Set(ids)
  const found: string[] = []
  for await (const path of glob(['/sys/fs/cgroup/slipway/*', '/sys/fs/cgroup/*/slipway/*'])) {
    if (wanted.has(path.split('/').at(-1) ?? '')) found.push(path)
  }
  return found
}
