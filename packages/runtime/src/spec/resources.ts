import type { SpecResources } from './input.ts'
import type { OciResources } from './oci.ts'

type Given<T> = { [Name in keyof T]: Exclude<T[Name], undefined> }

/** Without the fields that are undefined; undefined when there is no other. */
const given = <T extends object>(fields: T): Given<T> | undefined => {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Given<T>)
}

/** 0, '' and [] are docker's "not set". */
const set = <T extends number | string | readonly unknown[]>(value: T | undefined): T | undefined =>
  value === 0 || value === '' || (Array.isArray(value) && value.length === 0) ? undefined : value

/**
 * The words of `docker run` and `docker update` as config-linux.md has them. What isn't set is left out, so that runc
 * leaves it as it is. `swapLimit`: the kernel can account for swap.
 */
export const ociResources = (from: SpecResources, { swapLimit = true } = {}): OciResources => ({
  ...given({ memory: memory(from, swapLimit), cpu: cpu(from), pids: pids(from), blockIO: blockIo(from) }),
})

const memory = (from: SpecResources, swapLimit: boolean): OciResources['memory'] => {
  const limit = set(from.memory)
  // docker: a limit without a word on swap means as much swap again.
  const swap = set(from.memorySwap) ?? (limit === undefined ? undefined : limit * 2)
  return given({
    limit,
    reservation: set(from.memoryReservation),
    swap: swapLimit ? swap : undefined,
    swappiness: from.memorySwappiness === -1 ? undefined : from.memorySwappiness,
    disableOOMKiller: from.oomKillDisable || undefined,
  }) as OciResources['memory']
}

const cpu = (from: SpecResources): OciResources['cpu'] =>
  given({
    shares: set(from.cpuShares),
    quota: set(from.cpuQuota),
    period: set(from.cpuPeriod),
    realtimeRuntime: set(from.cpuRealtimeRuntime),
    realtimePeriod: set(from.cpuRealtimePeriod),
    cpus: set(from.cpusetCpus),
    mems: set(from.cpusetMems),
  }) as OciResources['cpu']

/** 0 and -1 take a limit away. */
const pids = ({ pids }: SpecResources): OciResources['pids'] =>
  pids === undefined ? undefined : { limit: pids <= 0 ? -1 : pids }

const blockIo = (from: SpecResources): OciResources['blockIO'] =>
  given({
    weight: set(from.blkioWeight),
    weightDevice: set(from.blkioWeightDevice),
    throttleReadBpsDevice: set(from.blkioReadBps),
    throttleWriteBpsDevice: set(from.blkioWriteBps),
    throttleReadIOPSDevice: set(from.blkioReadIops),
    throttleWriteIOPSDevice: set(from.blkioWriteIops),
  }) as OciResources['blockIO']
