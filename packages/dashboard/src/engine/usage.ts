import { setTimeout as delay } from 'node:timers/promises'
import {
  type ContainerStats,
  type ContainerUsage,
  containerStats,
  type EngineClient,
  listContainers,
  type UsageSample,
} from '@slipway/client'

const sumOf = (stats: ContainerStats, of: 'rx_bytes' | 'tx_bytes'): number =>
  Object.values(stats.networks ?? {}).reduce((sum, network) => sum + network[of], 0)

/** As the docker CLI counts it: `total_inactive_file` with cgroup v1, `inactive_file` with v2. */
const memoryOf = ({ memory_stats: { usage = 0, stats = {} } }: ContainerStats): number => {
  const reclaimable = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0
  return reclaimable < usage ? usage - reclaimable : usage
}

const cpuOf = (stats: ContainerStats, before: ContainerStats | undefined): number => {
  if (before === undefined) return 0
  const nanoseconds = (Date.parse(stats.read) - Date.parse(before.read)) * 1e6
  const used = stats.cpu_stats.cpu_usage.total_usage - before.cpu_stats.cpu_usage.total_usage
  return nanoseconds > 0 && used > 0 ? used / nanoseconds : 0
}

/** Computes the usage from a container's counters and those of the sample before. */
export const usageOf = (stats: ContainerStats, before: ContainerStats | undefined): ContainerUsage => ({
  id: stats.id,
  cpu: cpuOf(stats, before),
  memory: memoryOf(stats),
  memoryLimit: stats.memory_stats.limit ?? 0,
  received: sumOf(stats, 'rx_bytes'),
  sent: sumOf(stats, 'tx_bytes'),
  processes: stats.pids_stats.current ?? 0,
})

/** One sample of a container; undefined when it has ended in the meantime. */
const sample = async (client: EngineClient, id: string, signal: AbortSignal): Promise<ContainerStats | undefined> => {
  try {
    for await (const stats of containerStats(client, id, { stream: false, oneShot: true, signal })) return stats
  } catch (error) {
    if (signal.aborted) throw error
  }
  return undefined
}

type Watcher = (sample: UsageSample) => void

const intervalMs = 2000

/** Samples all running containers every two seconds for all who watch together, and nothing while nobody does. */
export class UsageSampler implements Disposable {
  readonly #client: EngineClient
  readonly #watchers = new Set<Watcher>()
  #before = new Map<string, ContainerStats>()
  #running: AbortController | undefined

  constructor(client: EngineClient) {
    this.#client = client
  }

  /** Calls `watcher` with each sample until `signal`. */
  watch(watcher: Watcher, signal: AbortSignal): void {
    this.#watchers.add(watcher)
    signal.addEventListener('abort', () => this.#leave(watcher), { once: true })
    if (this.#running === undefined) void this.#sampleOn()
  }

  [Symbol.dispose](): void {
    this.#running?.abort()
    this.#running = undefined
  }

  #leave(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    if (this.#watchers.size === 0) this[Symbol.dispose]()
  }

  async #sampleOn(): Promise<void> {
    const running = new AbortController()
    this.#running = running
    this.#before = new Map()
    while (!running.signal.aborted) {
      const begun = Date.now()
      // An engine that is away for a moment is asked again; the page hears of it by its other requests.
      const containers = await this.#sampleAll(running.signal).catch(() => [])
      if (running.signal.aborted) return
      for (const watcher of this.#watchers) watcher({ time: begun, containers })
      const rest = Math.max(0, begun + intervalMs - Date.now())
      await delay(rest, undefined, { signal: running.signal }).catch(() => undefined)
    }
  }

  async #sampleAll(signal: AbortSignal): Promise<readonly ContainerUsage[]> {
    const running = await listContainers(this.#client)
    const taken = await Promise.all(running.map(({ Id }) => sample(this.#client, Id, signal)))
    const stats = taken.filter((one) => one !== undefined)
    const usages = stats.map((one) => usageOf(one, this.#before.get(one.id)))
    this.#before = new Map(stats.map((one) => [one.id, one]))
    return usages
  }
}
