import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createContainer, inspectContainer, startContainer } from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave } from '../measure.ts'
import { memoryOf } from '../memory.ts'
import { containers, images, populate } from '../populate.ts'

const running = 5
const shims = /^(containerd-shim|conmon)/

interface ProcessInfo {
  readonly pid: number
  readonly parent: number
  readonly name: string
}

const readProcess = async (pid: number): Promise<ProcessInfo | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const name = /^Name:\t(.*)$/m.exec(status)?.[1]
  return name === undefined ? undefined : { pid, parent: Number(/^PPid:\t(\d+)$/m.exec(status)?.[1]), name }
}

const allProcesses = async (): Promise<readonly ProcessInfo[]> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  return (await Promise.all(pids.map(readProcess))).filter((one) => one !== undefined)
}

const sum = (figures: readonly number[]): number => figures.reduce((total, figure) => total + figure, 0)

/** The daemon and the daemons it has started (containerd), without the shims. */
const daemonsOf = (root: number, all: readonly ProcessInfo[]): readonly number[] => {
  const children = all.filter(({ parent, name }) => parent === root && !shims.test(name))
  return [root, ...children.flatMap(({ pid }) => daemonsOf(pid, all))]
}

/** The shim is the parent of a container's first process. */
const shimsOf = async ({ client }: Subject, ids: readonly string[]): Promise<readonly number[]> => {
  const inspected = await Promise.all(ids.map((id) => inspectContainer(client, id)))
  const found = await Promise.all(inspected.map(({ State }) => readProcess(State.Pid)))
  return found.flatMap((one) => (one === undefined ? [] : [one.parent]))
}

export const idleRss: Benchmark = {
  name: 'idle-rss',
  about: `memory of the daemon when nothing happens, just started, with ${images} images and ${containers} containers, ${running} of them running`,
  quick: false,
  async run(bench: Bench) {
    const ids = new Map<string, readonly string[]>()
    for (const subject of bench.subjects) {
      await populate(subject)
      await subject.stop()
      await subject.start()
      const own: string[] = []
      for (let count = 0; count < running; count += 1) {
        const { Id } = await createContainer(subject.client, { Image: 'busybox', Cmd: ['sleep', '1000'] })
        await startContainer(subject.client, Id)
        own.push(Id)
      }
      ids.set(subject.name, own)
    }
    await sleep(5000)
    return interleave(
      { ...bench, rounds: 3 },
      bench.subjects,
      async (subject) => {
        const daemons = daemonsOf(subject.daemon.pid, await allProcesses())
        const ofShims = await shimsOf(subject, ids.get(subject.name) ?? [])
        const each = await Promise.all(ofShims.map((pid) => memoryOf(pid, 'smaps_rollup', 'Pss')))
        return {
          'daemon and its helpers, RSS': sum(await Promise.all(daemons.map((pid) => memoryOf(pid, 'status', 'VmRSS')))),
          'each shim (conmon), PSS': sum(each) / Math.max(each.length, 1),
        }
      },
      'MiB',
    )
  },
}
