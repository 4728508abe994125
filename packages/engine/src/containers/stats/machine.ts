import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { InterfaceStats } from '@slipway/client'

/** Of `USER_HZ`: 100 on every Linux that containers run on. */
const nanosecondsPerTick = 10_000_000
/** user, nice, system, idle, iowait, irq, softirq: what docker adds up (proc_stat(5)). */
const countedFields = 7

/** The first line of /proc/stat as nanoseconds of all CPUs together. */
export const parseSystemCpu = (text: string): number => {
  const [, ...ticks] = (/^cpu .*$/m.exec(text)?.[0] ?? '').split(/\s+/)
  return ticks.slice(0, countedFields).reduce((sum, field) => sum + Number(field), 0) * nanosecondsPerTick
}

export const readSystemCpu = async (): Promise<{ readonly nanoseconds: number; readonly cpus: number }> => ({
  nanoseconds: parseSystemCpu(await readFile('/proc/stat', 'utf8')),
  cpus: availableParallelism(),
})

/** /proc/net/dev: eight numbers of what was received, eight of what was sent, a line each; without the loopback. */
export const parseInterfaces = (text: string): Readonly<Record<string, InterfaceStats>> =>
  Object.fromEntries(
    [...text.matchAll(/^\s*([^\s:]+):\s*(\d.*)$/gm)]
      .filter(([, name]) => name !== 'lo')
      .map(([, name = '', rest = '']) => [name, interfaceStats(rest.trim().split(/\s+/).map(Number))]),
  )

const interfaceStats = (fields: readonly number[]): InterfaceStats => {
  const at = (index: number): number => fields[index] ?? 0
  return {
    rx_bytes: at(0),
    rx_packets: at(1),
    rx_errors: at(2),
    rx_dropped: at(3),
    tx_bytes: at(8),
    tx_packets: at(9),
    tx_errors: at(10),
    tx_dropped: at(11),
  }
}

/** The interfaces that a process sees; undefined when it is gone. */
export const readInterfaces = async (pid: number): Promise<Readonly<Record<string, InterfaceStats>> | undefined> => {
  try {
    return parseInterfaces(await readFile(`/proc/${pid}/net/dev`, 'utf8'))
  } catch {
    return undefined
  }
}
