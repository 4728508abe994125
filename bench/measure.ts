import { setTimeout as sleep } from 'node:timers/promises'
import type { Subject } from './engines/subject.ts'
import type { Enclosure } from './peers/enclosure.ts'

export type Unit = 'ms' | 'MiB' | 'Gbit/s' | 'MB/s' | 'req/s' | 'blobs/s'

/** One figure of one benchmark: what each engine (or `limit`) took, sample by sample. */
export interface Measurement {
  /** `bridge: total` */
  readonly metric: string
  readonly unit: Unit
  readonly samples: ReadonlyMap<string, readonly number[]>
}

/** What benchmarks get. */
export interface Bench {
  readonly subjects: readonly Subject[]
  readonly rounds: number
  /** Runs commands in the peers' root (4 ms more); undefined without peers. */
  readonly inside: Enclosure | undefined
  readonly say: (text: string) => void
  /** Ends it between two samples: what was made is taken away then. */
  readonly signal: AbortSignal
}

export interface Benchmark {
  readonly name: string
  /** One sentence for the table's head. */
  readonly about: string
  /** Run without being asked for by name. */
  readonly quick: boolean
  run(bench: Bench): Promise<readonly Measurement[]>
}

/**
 * Between two samples: all engines do some of their work after they have answered, which is not to be in the next one's
 * way.
 */
const settle = 250
const warmups = 1

/** Milliseconds that `body` took. */
export const timed = async (body: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await body()
  return performance.now() - begun
}

/**
 * Takes samples in turns, ours, dockerd's, podman's, ours, …: so that what else the machine does is in all of them. `take`
 * gives the figures of one turn by metric. They are of one unit, or `unit` tells it for each.
 */
export const interleave = async <Who extends { readonly name: string }>(
  { rounds, say, signal }: Pick<Bench, 'rounds' | 'say' | 'signal'>,
  who: readonly Who[],
  take: (one: Who) => Promise<Readonly<Record<string, number>>>,
  unit: Unit | ((metric: string) => Unit) = 'ms',
): Promise<readonly Measurement[]> => {
  const metrics = new Map<string, Map<string, number[]>>()
  for (let round = -warmups; round < rounds; round += 1) {
    for (const one of who) {
      await sleep(settle, undefined, { signal })
      const figures = await take(one)
      if (round < 0) continue
      for (const [metric, figure] of Object.entries(figures)) {
        const samples = metrics.get(metric) ?? new Map<string, number[]>()
        metrics.set(metric, samples)
        samples.set(one.name, [...(samples.get(one.name) ?? []), figure])
      }
    }
    say(round < 0 ? 'warmed up' : `round ${round + 1} of ${rounds}`)
  }
  return [...metrics].map(([metric, samples]) => ({
    metric,
    unit: typeof unit === 'string' ? unit : unit(metric),
    samples,
  }))
}

export interface Summary {
  readonly median: number
  readonly minimum: number
  readonly maximum: number
}

export const summarize = (samples: readonly number[]): Summary => {
  const sorted = samples.toSorted((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  const at = (place: number): number => sorted[place] ?? Number.NaN
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    minimum: at(0),
    maximum: at(sorted.length - 1),
  }
}
