import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { silentLogger } from '@slipway/core'
import { mount, networkThread, readMountInfo, unmount } from '@slipway/linux'
import { teardown } from '@slipway/network'
import { chooseRuntimes, runtimeNamed } from '@slipway/runtime'
import { run } from '../run.ts'
import { startDaemon } from './daemon.ts'
import type { Daemon, Installation } from './engine.ts'

const program = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'bin/slipway')

/** Names of its own on the host: several engines live side by side. */
const bridge = `swb${process.pid % 100_000}`
const address = `10.${213 + (process.pid % 20)}.${process.pid % 250}.1/20`

/** Our own engine, from this checkout, with the defaults its users have. */
export const openSlipway = async (): Promise<Installation> => {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bench-'))
  const socket = join(directory, 'engine.sock')
  // As /run is on every machine, and as the peers have it.
  await mkdir(join(directory, 'run'))
  mount({ source: 'tmpfs', target: join(directory, 'run'), type: 'tmpfs', data: 'mode=755' })
  const runtimes = await chooseRuntimes({ added: {}, default: undefined, launchers: directory, logger: silentLogger })
  const [release = ''] = (await run([runtimeNamed(runtimes).program, '--version'])).split('\n')
  return {
    name: 'slipway',
    version: `${(await run([program, '--version'])).trim().replace(/^.*version /, '')} (${release.replace('version ', '')})`,
    start: (): Promise<Daemon> =>
      startDaemon({
        command: [program, 'engine', ...flagsOf(directory, socket)],
        socket,
        log: join(directory, 'engine.log'),
      }),
    ownCli: (args) => [program, '-H', `unix://${socket}`, ...args],
    async [Symbol.asyncDispose]() {
      await removeKernelState(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

const flagsOf = (directory: string, socket: string): readonly string[] => [
  `--host=unix://${socket}`,
  `--data-root=${join(directory, 'data')}`,
  `--exec-root=${join(directory, 'run')}`,
  `--pidfile=${join(directory, 'engine.pid')}`,
  `--bridge=${bridge}`,
  `--bip=${address}`,
]

const removeKernelState = async (directory: string): Promise<void> => {
  const points = readMountInfo().map(({ target }) => target)
  for (const point of points.filter((path) => path.startsWith(`${directory}/`)).reverse())
    unmount(point, { lazy: true })
  await teardown({ bridge, thread: await networkThread() })
}
