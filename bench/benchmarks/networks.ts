import {
  connectNetwork,
  createContainer,
  createNetwork,
  disconnectNetwork,
  listContainers,
  removeContainer,
  removeNetwork,
  startContainer,
} from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { type Bench, type Benchmark, interleave, type Measurement, timed } from '../measure.ts'

const crowd = Number(process.env['SLIPWAY_BENCH_NETWORK'] ?? 200)
const atOnce = 8
const network = 'crowded'
const exposed = '80/tcp'

/** A container that publishes a port. */
const start = async ({ client }: Subject, mode: string, ports: boolean): Promise<string> => {
  const published = { ExposedPorts: { [exposed]: {} }, PortBindings: { [exposed]: [{ HostIp: '', HostPort: '' }] } }
  const { Id } = await createContainer(client, {
    Image: 'busybox',
    Cmd: ['sleep', '100000'],
    ...(ports ? { ExposedPorts: published.ExposedPorts } : {}),
    HostConfig: { NetworkMode: mode, ...(ports ? { PortBindings: published.PortBindings } : {}) },
  })
  await startContainer(client, Id)
  return Id
}

const fill = async (subject: Subject, signal: AbortSignal): Promise<void> => {
  let begun = 0
  const startSome = async (): Promise<void> => {
    while (begun < crowd && !signal.aborted) {
      begun += 1
      await start(subject, network, true)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, startSome))
}

/** One container joins the network and leaves it, others start there: what the network costs, without the container. */
const join = async (subject: Subject, when: string): Promise<Readonly<Record<string, number>>> => {
  const { client } = subject
  const Container = await start(subject, 'bridge', false)
  const connect = await timed(() => connectNetwork(client, network, { Container }))
  const disconnect = await timed(() => disconnectNetwork(client, network, { Container }))
  await removeContainer(client, Container, { force: true })
  let id = ''
  const published = await timed(async () => {
    id = await start(subject, network, true)
  })
  await removeContainer(client, id, { force: true })
  return {
    [`${when}: connect`]: connect,
    [`${when}: disconnect`]: disconnect,
    [`${when}: create and start with a port`]: published,
  }
}

const measureNetworks = async (bench: Bench): Promise<readonly Measurement[]> => {
  for (const { client } of bench.subjects) await createNetwork(client, { Name: network })
  const alone = await interleave(bench, bench.subjects, (subject) => join(subject, 'alone'))
  for (const subject of bench.subjects) {
    bench.say(`${subject.name}: ${crowd} containers are started`)
    await fill(subject, bench.signal)
  }
  return [...alone, ...(await interleave(bench, bench.subjects, (subject) => join(subject, `beside ${crowd}`)))]
}

export const networks: Benchmark = {
  name: 'networks',
  about: `a running container joins and leaves a network, and one starts there with a published port; alone, and beside ${crowd} that publish one too`,
  quick: false,
  async run(bench: Bench) {
    try {
      return await measureNetworks(bench)
    } finally {
      for (const { client } of bench.subjects) {
        const ids = (await listContainers(client, { all: true })).map(({ Id }) => Id)
        await Promise.all(ids.map((id) => removeContainer(client, id, { force: true })))
        await removeNetwork(client, network).catch(() => undefined)
      }
    }
  },
}
