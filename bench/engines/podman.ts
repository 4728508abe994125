import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import type { Enclosure } from '../peers/enclosure.ts'
import { peersPath } from '../peers/root.ts'
import { run } from '../run.ts'
import { startDaemon } from './daemon.ts'
import type { Installation } from './engine.ts'

/** The benchmarks' registries are on loopback, without TLS; podman alone wants to be told so. */
const registries = '[[registry]]\nprefix = "127.0.0.1"\nlocation = "127.0.0.1"\ninsecure = true\n'

/** podman with its API service, as root: overlay, netavark, crun. */
export const openPodman = async (enclosure: Enclosure): Promise<Installation> => {
  const data = peersPath('data', `podman-${process.pid}`)
  const socket = peersPath('run', 'podman.sock')
  const config = peersPath('run', 'registries.conf')
  await mkdir(data, { recursive: true, mode: 0o711 })
  await writeFile(config, registries)
  const global = [`--root=${data}`, '--runroot=/run/podman-bench', '--cgroup-manager=cgroupfs']
  const podman = (args: readonly string[]): readonly string[] =>
    enclosure.command(['env', `CONTAINERS_REGISTRIES_CONF=${config}`, 'podman', ...global, ...args])
  const version = (await run(podman(['--version']))).trim().replace(/^.*version /, '')
  const [crun = ''] = (await run(enclosure.command(['crun', '--version']))).split('\n')
  return {
    name: 'podman',
    version: `${version} (${crun.replace('version ', '')})`,
    start: () =>
      startDaemon({
        command: podman(['system', 'service', '--time=0', `unix://${socket}`]),
        socket,
        log: peersPath('log', 'podman.log'),
      }),
    ownCli: podman,
    async [Symbol.asyncDispose]() {
      await endMonitors(data)
      // Its overlay directory is a mount of its own, inside.
      await run(enclosure.command(['sh', '-c', 'umount -l "$1/overlay" 2>/dev/null || true', 'sh', data]))
      await rm(data, { recursive: true, force: true })
    },
  }
}

/** The monitor of an exec stays for five minutes, and then makes directories below `data` anew. */
const endMonitors = async (data: string): Promise<void> => {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (!command.startsWith('/usr/bin/conmon\0') || !command.includes(`${data}/`)) continue
    try {
      process.kill(Number(pid), 'SIGKILL')
    } catch {
      // It has ended by itself.
    }
  }
}
