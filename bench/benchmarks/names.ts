import { createSocket } from 'node:dgram'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createContainer,
  createNetwork,
  inspectContainer,
  removeContainer,
  removeNetwork,
  startContainer,
} from '@slipway/client'
import { openBoundSocket, withNetns } from '@slipway/linux'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave } from '../measure.ts'

const seconds = 3
const perSecond = 1000
/** Milliseconds after which an answer is missing. */
const patience = 1000
const network = 'names'

interface Asked {
  readonly ids: readonly string[]
  readonly netns: string
  readonly server: string
}

/** A question for the address of `web` (RFC 1035 section 4). */
const question = (id: number): Buffer =>
  Buffer.concat([
    Buffer.of(id >> 8, id & 0xff, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0),
    Buffer.from('\x03web\x00\x00\x01\x00\x01', 'latin1'),
  ])

const prepare = async ({ client }: Subject): Promise<Asked> => {
  await createNetwork(client, { Name: network })
  const ids: string[] = []
  for (const name of ['web', 'client']) {
    const { Id } = await createContainer(
      client,
      { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: network } },
      { name },
    )
    ids.push(Id)
    await startContainer(client, Id)
  }
  const { State } = await inspectContainer(client, ids[1] ?? '')
  const resolvConf = await readFile(`/proc/${State.Pid}/root/etc/resolv.conf`, 'utf8')
  const server = /^nameserver (\S+)$/m.exec(resolvConf)?.[1] ?? ''
  return { ids, netns: `/proc/${State.Pid}/ns/net`, server }
}

/** Milliseconds that each answer took; those that never came took as long as there was patience. */
const ask = async ({ netns, server }: Asked): Promise<readonly number[]> => {
  const socket = createSocket('udp4')
  socket.bind({ fd: withNetns(netns, () => openBoundSocket({ kind: 'udp', address: '0.0.0.0', port: 0 })) })
  const [begun, times] = [new Map<number, number>(), [] as number[]]
  socket.on('message', (answer) => {
    const id = answer.readUInt16BE()
    const since = begun.get(id)
    if (since !== undefined && begun.delete(id)) times.push(performance.now() - since)
  })
  const total = seconds * perSecond
  const start = performance.now()
  for (let sent = 0; sent < total; await sleep(1)) {
    for (const due = ((performance.now() - start) / 1000) * perSecond; sent < Math.min(due, total); sent += 1) {
      begun.set(sent, performance.now())
      socket.send(question(sent), 53, server)
    }
  }
  for (const end = performance.now() + patience; begun.size > 0 && performance.now() < end; ) await sleep(10)
  await new Promise<void>((resolve) => socket.close(resolve))
  return [...times, ...Array.from(begun, () => patience)].toSorted((a, b) => a - b)
}

export const names: Benchmark = {
  name: 'names',
  about: `a container asks for another one’s address, ${perSecond} times a second`,
  quick: false,
  async run(bench: Bench) {
    const asked = new Map<string, Asked>()
    try {
      for (const subject of bench.subjects) asked.set(subject.name, await prepare(subject))
      return await interleave(bench, bench.subjects, async ({ name }) => {
        const times = await ask(asked.get(name) as Asked)
        const at = (part: number): number => times[Math.floor(times.length * part)] ?? Number.NaN
        return { 'half of the answers': at(0.5), '99 of 100 answers': at(0.99) }
      })
    } finally {
      for (const { name, client } of bench.subjects) {
        for (const id of asked.get(name)?.ids ?? []) await removeContainer(client, id, { force: true })
        if (asked.has(name)) await removeNetwork(client, network)
      }
    }
  },
}
