import type { ContainerUpdateBody, ContainerUpdateResponse, HostConfig } from '@slipway/client'
import { conflict, isSamePort, type SlipwayError } from '@slipway/core'
import type { PortChange } from '../networks/ways-out.ts'
import { planPorts } from './change-ports.ts'
import { checkLimits, withinKernel } from './limits.ts'
import { networkWarnings } from './ports.ts'
import { type ContainerRecord, isUp } from './records.ts'
import { resourcesOf } from './resources.ts'
import { type ContainerRoom, publishContainerEvent } from './room.ts'

/** What `update` can change while the container runs; 0 and '' in a request leave a limit as it is. */
const liveLimits = [
  'BlkioWeight',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpuShares',
  'Memory',
  'MemoryReservation',
  'MemorySwap',
  'NanoCpus',
  'CpusetCpus',
  'CpusetMems',
] as const

/** What a request says against the limits that hold already, in docker's words. */
export const contradiction = (before: HostConfig, asked: ContainerUpdateBody): string | undefined => {
  // Also where there is no swap limit (0), or none is wanted (-1): docker wants to be told of it again.
  if (asked.Memory && !asked.MemorySwap && asked.Memory > (before.MemorySwap ?? 0)) {
    return 'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time'
  }
  if (asked.NanoCpus && (before.CpuPeriod || before.CpuQuota)) {
    const set = before.CpuPeriod ? 'Period' : 'Quota'
    return `Conflicting options: Nano CPUs cannot be updated as CPU ${set} has already been set`
  }
  if ((asked.CpuPeriod || asked.CpuQuota) && before.NanoCpus && !asked.NanoCpus) {
    const wanted = asked.CpuPeriod ? 'Period' : 'Quota'
    return `Conflicting options: CPU ${wanted} cannot be updated as NanoCPUs has already been set`
  }
  return undefined
}

/** The limits after a request, by docker's rules. Throws invalid for those that can't be, whatever holds already. */
export const updatedHostConfig = (before: HostConfig, asked: ContainerUpdateBody): HostConfig => {
  const { AutoRemove = false, Memory = 0 } = before
  checkLimits({ ...asked, AutoRemove, ...(asked.MemorySwap && !asked.Memory ? { Memory } : {}) })
  const limits = Object.fromEntries(
    liveLimits.flatMap((name) => (asked[name] ? [[name, asked[name]] as const] : [])),
  ) as Partial<HostConfig>
  const cpus = limits.NanoCpus ? { CpuPeriod: 0, CpuQuota: 0 } : {}
  const policy = asked.RestartPolicy?.Name
    ? {
        RestartPolicy: {
          Name: asked.RestartPolicy.Name,
          MaximumRetryCount: asked.RestartPolicy.MaximumRetryCount ?? 0,
        },
      }
    : {}
  const pids = typeof asked.PidsLimit === 'number' ? { PidsLimit: Math.max(0, asked.PidsLimit) } : {}
  return { ...before, ...cpus, ...limits, ...pids, ...policy }
}

/** crun can't write "no limit" into a group that has one: as many as the kernel can count come to the same. */
const mostPids = 4_194_303

const pidsOf = ({ PidsLimit }: HostConfig): { readonly pids?: number } =>
  typeof PidsLimit === 'number' ? { pids: PidsLimit || mostPids } : {}

const cannotUpdate = (id: string, why: string): SlipwayError => conflict(`Cannot update container ${id}: ${why}`)

/** Publishes and takes back ports of a container that runs. Returns what undoes that. */
const applyPorts = async (
  room: ContainerRoom,
  { id, state }: ContainerRecord,
  change: PortChange,
): Promise<() => Promise<void>> => {
  const ports = await room.networks.changePorts({ ...state, id }, change)
  await room.records.setState(id, { ports })
  const added = ports.filter((mapping) => !state.ports.some((before) => isSamePort(before, mapping)))
  return async () => {
    await room.networks.changePorts({ ...state, ports, id }, { add: change.remove, remove: added })
    await room.records.setState(id, { ports: state.ports })
  }
}

/**
 * `POST /containers/{id}/update`: limits and ports hold at once, also for a container that runs. The ports come first, since
 * one that is taken is the likelier failure.
 */
export const updateContainer = async (
  room: ContainerRoom,
  idOrName: string,
  asked: ContainerUpdateBody,
): Promise<ContainerUpdateResponse> => {
  const { id, definition } = room.records.find(idOrName)
  const { Name = '' } = asked.RestartPolicy ?? {}
  if (definition.hostConfig.AutoRemove && Name !== '' && Name !== 'no') {
    throw cannotUpdate(id, 'Restart policy cannot be updated because AutoRemove is enabled for the container')
  }
  return room.lock.run(id, async () => {
    const record = room.records.find(id)
    const { status } = record.state
    if (status === 'removing' || status === 'dead') {
      throw cannotUpdate(id, 'Container is marked for removal and cannot be "update".')
    }
    const after = updatedHostConfig(record.definition.hostConfig, asked)
    const against = contradiction(record.definition.hostConfig, asked)
    if (against !== undefined) throw cannotUpdate(id, against)
    const plan = planPorts(record, asked)
    const { host, warnings } = withinKernel(after)
    const hostConfig = { ...host, ...plan?.hostConfig }
    const task = isUp(record) ? room.running.get(id)?.task : undefined
    await using undo = new AsyncDisposableStack()
    if (plan !== undefined && task !== undefined) undo.defer(await applyPorts(room, record, plan.change))
    const limits = resourcesOf(hostConfig)
    await task?.update({ ...limits, ...pidsOf(hostConfig) })
    const updated = await room.records.setDefinition(id, { hostConfig })
    undo.move()
    publishContainerEvent(room, updated, 'update')
    return { Warnings: [...warnings, ...(plan === undefined ? [] : networkWarnings(hostConfig))] }
  })
}
