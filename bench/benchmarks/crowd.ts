import {
  attachExec,
  createContainer,
  createExec,
  listContainers,
  removeContainer,
  startContainer,
} from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave, type Measurement, timed } from '../measure.ts'
import { forgetPeak, memoryOf, peakMemory } from '../memory.ts'

const containers = Number(process.env['SLIPWAY_BENCH_CROWD'] ?? 500)
const lists = 200
const atOnce = 8
const gigabyte = 1 << 30

const startCrowd = async ({ client }: Subject, signal: AbortSignal): Promise<readonly string[]> => {
  const ids: string[] = []
  let begun = 0
  const startSome = async (): Promise<void> => {
    while (begun < containers && !signal.aborted) {
      begun += 1
      const { Id } = await createContainer(client, { Image: 'busybox', Cmd: ['sleep', '100000'] })
      ids.push(Id)
      await startContainer(client, Id)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, startSome))
  return ids
}

/** The time that 99 of 100 lists stay below. */
const slowList = async ({ client }: Subject): Promise<number> => {
  const times: number[] = []
  for (let count = 0; count < lists; count += 1) times.push(await timed(() => listContainers(client)))
  return times.toSorted((a, b) => a - b)[Math.floor(lists * 0.99)] ?? Number.NaN
}

/** What the daemon's memory grows by, at its highest, while a gigabyte goes through it to a client. */
const growth = async ({ client, daemon }: Subject, id: string): Promise<number> => {
  const before = await memoryOf(daemon.pid, 'status', 'VmRSS')
  await forgetPeak(daemon.pid)
  const Cmd = ['head', '-c', String(gigabyte), '/dev/zero']
  const { Id } = await createExec(client, id, { Cmd, AttachStdout: true })
  let bytes = 0
  for await (const data of (await attachExec(client, Id, {})) as AsyncIterable<Buffer>) bytes += data.length
  // With the framing's headers it is a little more.
  if (bytes < gigabyte) throw new Error(`${bytes} bytes of ${gigabyte} came`)
  return (await peakMemory(daemon.pid)) - before
}

const measureCrowd = async (bench: Bench): Promise<readonly Measurement[]> => {
  const rounds = { ...bench, rounds: Math.min(bench.rounds, 3) }
  const first = new Map<string, string>()
  for (const subject of bench.subjects) {
    bench.say(`${subject.name}: ${containers} containers are started`)
    first.set(subject.name, (await startCrowd(subject, bench.signal))[0] ?? '')
  }
  const times = await interleave(rounds, bench.subjects, async (subject) => ({
    'list, the slowest of a hundred': await slowList(subject),
  }))
  const memory = await interleave(
    rounds,
    bench.subjects,
    async (subject) => ({
      'daemon, RSS': await memoryOf(subject.daemon.pid, 'status', 'VmRSS'),
      'more while a GiB is read': await growth(subject, first.get(subject.name) ?? ''),
    }),
    'MiB',
  )
  return [...times, ...memory]
}

export const crowd: Benchmark = {
  name: 'crowd',
  about: `${containers} containers run: how long lists take, and what memory the daemon needs`,
  quick: false,
  async run(bench: Bench) {
    try {
      return await measureCrowd(bench)
    } finally {
      for (const { client } of bench.subjects) {
        const ids = (await listContainers(client)).map(({ Id }) => Id)
        await Promise.all(ids.map((id) => removeContainer(client, id, { force: true })))
      }
    }
  },
}
