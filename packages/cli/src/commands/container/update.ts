import { type ContainerUpdateBody, messageOf, type PortMap, updateContainer } from '@slipway/client'
import { atLeast, defineCommand } from '../../command.ts'
import { createFlags } from '../../container-options/create-flags.ts'
import { parseRestart } from '../../container-options/limits.ts'
import { bindingsOf } from '../../container-options/port.ts'
import { forEach } from '../../each.ts'
import { Exit } from '../../exit.ts'
import type { Values } from '../../flags/flag.ts'
import { integer, list, text } from '../../flags/flag.ts'
import { size } from '../../flags/quantity.ts'
import { printLine } from '../../terminal/console.ts'

const flags = {
  'blkio-weight': createFlags['blkio-weight'],
  'cpu-period': createFlags['cpu-period'],
  'cpu-quota': createFlags['cpu-quota'],
  'cpu-rt-period': integer('', 'Limit the CPU real-time period in microseconds'),
  'cpu-rt-runtime': integer('', 'Limit the CPU real-time runtime in microseconds'),
  'cpu-shares': createFlags['cpu-shares'],
  cpus: createFlags.cpus,
  'cpuset-cpus': createFlags['cpuset-cpus'],
  'cpuset-mems': createFlags['cpuset-mems'],
  // Of kernels that are gone: docker takes it, and does nothing.
  'kernel-memory': { ...size('', ''), hidden: true },
  memory: createFlags.memory,
  'memory-reservation': createFlags['memory-reservation'],
  'memory-swap': {
    ...createFlags['memory-swap'],
    help: 'Swap limit equal to memory plus swap: -1 to enable unlimited swap',
  },
  'pids-limit': createFlags['pids-limit'],
  'publish-add': list('', 'Publish further port(s) of a container, also while it runs'),
  'publish-rm': list('', 'Take back published port(s): HOST:PORT, or PORT for all of that port'),
  restart: text('', 'Restart policy to apply when a container exits'),
} as const

const restartOf = (policy: string): NonNullable<ContainerUpdateBody['RestartPolicy']> => {
  try {
    return parseRestart(policy)
  } catch (error) {
    throw new Exit(1, messageOf(error), { cause: error })
  }
}

const portsOf = (asked: readonly string[]): PortMap | undefined => (asked.length > 0 ? bindingsOf(asked) : undefined)

const bodyOf = (given: Values<typeof flags>): ContainerUpdateBody => {
  const limits = {
    BlkioWeight: given['blkio-weight'],
    CpuPeriod: given['cpu-period'],
    CpuQuota: given['cpu-quota'],
    CpuRealtimePeriod: given['cpu-rt-period'],
    CpuRealtimeRuntime: given['cpu-rt-runtime'],
    CpuShares: given['cpu-shares'],
    NanoCpus: given.cpus,
    CpusetCpus: given['cpuset-cpus'],
    CpusetMems: given['cpuset-mems'],
    Memory: given.memory,
    MemoryReservation: given['memory-reservation'],
    MemorySwap: given['memory-swap'],
    PidsLimit: given['pids-limit'],
    PublishAdd: portsOf(given['publish-add']),
    PublishRemove: portsOf(given['publish-rm']),
    RestartPolicy: given.restart === undefined ? undefined : restartOf(given.restart),
  }
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined))
}

export const command = defineCommand({
  names: ['container update', 'update'],
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  summary: 'Update configuration of one or more containers',
  operands: atLeast(1),
  flags,
  run: async ({ flags: values, operands, session, given }) => {
    const body = bodyOf(values)
    if (Object.keys(body).length === 0 && !given.has('kernel-memory')) {
      throw new Exit(1, 'you must provide one or more flags when using this command')
    }
    const client = await session.client()
    const warnings: string[] = []
    const exitCode = await forEach(session.console, operands, async (name) => {
      const { Warnings } = await updateContainer(client, name, body)
      warnings.push(...(Warnings ?? []))
      return name
    })
    // docker says them where it says the names, and after those.
    for (const warning of warnings) printLine(session.console, warning)
    return exitCode
  },
})
