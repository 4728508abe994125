import { mkdir, rm, writeFile } from 'node:fs/promises'
import type { Enclosure } from '../peers/enclosure.ts'
import { peersPath } from '../peers/root.ts'
import { run } from '../run.ts'
import { startDaemon } from './daemon.ts'
import type { Installation } from './engine.ts'

/** dockerd as Debian has it: overlay2, its own containerd, runc. */
export const openDockerd = async (enclosure: Enclosure): Promise<Installation> => {
  const data = peersPath('data', `dockerd-${process.pid}`)
  const socket = peersPath('run', 'dockerd.sock')
  const config = peersPath('run', 'dockerd.json')
  await mkdir(data, { recursive: true, mode: 0o711 })
  await writeFile(config, '{}')
  const flags = [
    `--config-file=${config}`,
    `--data-root=${data}`,
    '--exec-root=/run/docker-bench',
    '--pidfile=/run/docker-bench.pid',
    `--host=unix://${socket}`,
    '--storage-driver=overlay2',
    '--cgroup-parent=/slipway-bench',
    '--log-level=warn',
  ]
  const [, version = '?'] = /version (\S+?),/.exec(await run(enclosure.command(['dockerd', '--version']))) ?? []
  const [runc = ''] = (await run(enclosure.command(['runc', '--version']))).split('\n')
  return {
    name: 'dockerd',
    version: `${version} (${runc.replace('version ', '')})`,
    start: () =>
      startDaemon({
        command: enclosure.command(['dockerd', ...flags]),
        socket,
        log: peersPath('log', 'dockerd.log'),
      }),
    async [Symbol.asyncDispose]() {
      await rm(data, { recursive: true, force: true })
    },
  }
}
