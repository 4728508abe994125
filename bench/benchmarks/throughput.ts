import { createContainer, importImage, inspectContainer, removeContainer, startContainer } from '@slipway/client'
import type { Subject } from '../engines/subject.ts'
import { iperfFiles, iperfPath } from '../images/iperf.ts'
import { type Bench, type Benchmark, interleave } from '../measure.ts'
import { run } from '../run.ts'

const seconds = 2
const port = 5201
const image = 'iperf'

interface Served {
  readonly id: string
  /** What leads to the server from the host that its engine is on. */
  readonly ways: Readonly<Record<string, { readonly address: string; readonly port: number }>>
}

const serve = async ({ client }: Subject): Promise<Served> => {
  const progress = await importImage(client, iperfFiles(), { repository: image, tag: 'latest' })
  for await (const { error } of progress) if (error) throw new Error(error)
  const published = `${port}/tcp`
  const { Id } = await createContainer(client, {
    Image: image,
    Cmd: [iperfPath, '--server'],
    ExposedPorts: { [published]: {} },
    HostConfig: { PortBindings: { [published]: [{ HostIp: '', HostPort: '' }] } },
  })
  await startContainer(client, Id)
  const { NetworkSettings: settings } = await inspectContainer(client, Id)
  const hostPort = Number(settings.Ports[published]?.[0]?.HostPort)
  const { IPAddress = '', Gateway = '' } = settings.Networks['bridge'] ?? Object.values(settings.Networks)[0] ?? {}
  return {
    id: Id,
    ways: {
      'the container’s address': { address: IPAddress, port },
      'a published port, by the host’s address': { address: Gateway, port: hostPort },
      'a published port, by 127.0.0.1': { address: '127.0.0.1', port: hostPort },
    },
  }
}

/** In Gbit/s, what arrived. */
const measure = async ({ daemon }: Subject, address: string, hostPort: number): Promise<number> => {
  const client = [iperfPath, '--client', address, '--port', String(hostPort), '--time', String(seconds), '--json']
  const report = JSON.parse(await run(['nsenter', '--target', String(daemon.pid), '--net', ...client]))
  return report.end.sum_received.bits_per_second / 1e9
}

export const throughput: Benchmark = {
  name: 'throughput',
  about: `one TCP connection from the host to a container, ${seconds} s with iperf3: more is better`,
  quick: false,
  async run(bench: Bench) {
    const served = new Map<string, Served>()
    try {
      for (const subject of bench.subjects) served.set(subject.name, await serve(subject))
      return await interleave(
        { ...bench, rounds: Math.min(bench.rounds, 7) },
        bench.subjects,
        async (subject) => {
          const figures: Record<string, number> = {}
          for (const [way, { address, port }] of Object.entries(served.get(subject.name)?.ways ?? {})) {
            figures[way] = await measure(subject, address, port)
          }
          return figures
        },
        'Gbit/s',
      )
    } finally {
      for (const { name, client } of bench.subjects) {
        const { id } = served.get(name) ?? {}
        if (id !== undefined) await removeContainer(client, id, { force: true })
      }
    }
  },
}
