import type { Unit } from '../measure.ts'
import { forgetPeak, peakMemory } from '../memory.ts'
import { processorTime } from '../processor.ts'

const processor = 'processor time of the server'
const memory = 'largest memory of the server'

/** The rate that a load came to, and what the server needed for it. */
export const underLoad = async (
  pid: number,
  what: string,
  body: () => Promise<number>,
): Promise<Readonly<Record<string, number>>> => {
  await forgetPeak(pid)
  const before = await processorTime(pid)
  const rate = await body()
  return {
    [what]: rate,
    [`${what}: ${processor}`]: (await processorTime(pid)) - before,
    [`${what}: ${memory}`]: await peakMemory(pid),
  }
}

/** The units of what `underLoad()` gives. */
export const unitsWith =
  (rate: Unit) =>
  (metric: string): Unit =>
    metric.endsWith(processor) ? 'ms' : metric.endsWith(memory) ? 'MiB' : rate
