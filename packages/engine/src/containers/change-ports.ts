import type { ContainerUpdateBody, HostConfig, PortBinding, PortMap } from '@slipway/client'
import { invalid, type PortMapping } from '@slipway/core'
import type { PortChange } from '../networks/ways-out.ts'
import { askedBindings, type Bindings, isOpen, parsePortKey, requestsOf } from './ports.ts'
import type { ContainerRecord } from './records.ts'

/** What becomes of a container's ports: what it asks for from now on, and what that means while it runs. */
export interface PortPlan {
  readonly hostConfig: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>
  readonly change: PortChange
}

const keyed = (map: PortMap | null | undefined): Bindings =>
  new Map(
    Object.entries(map ?? {}).map(([key, bindings]) => {
      const { port, protocol } = parsePortKey(key)
      return [`${port}/${protocol}`, bindings?.length ? bindings : [{}]] as const
    }),
  )

/** What a request leaves out, any has. */
const fits = (asked: string | undefined, has: string): boolean => !asked || asked === has

interface Matched {
  /** Of those asked for, the ones to take back. */
  readonly bindings: readonly PortBinding[]
  /** Of those published now. */
  readonly mappings: readonly PortMapping[]
}

/** Finds what `asked` speaks of: a port that the engine has chosen is known by the binding that left the choice. */
const match = (
  key: string,
  asked: PortBinding,
  bindings: readonly PortBinding[],
  ports: readonly PortMapping[],
): Matched => {
  const { port, protocol } = parsePortKey(key)
  const mappings = ports.filter(
    ({ containerPort, protocol: of, hostIp, hostPort }) =>
      containerPort === port && of === protocol && fits(asked.HostPort, String(hostPort)) && fits(asked.HostIp, hostIp),
  )
  const here = bindings.filter(({ HostIp = '' }) => fits(asked.HostIp, HostIp))
  const exact = here.filter(({ HostPort = '' }) => fits(asked.HostPort, HostPort))
  const found = exact.length > 0 || mappings.length === 0 ? exact : here.filter(isOpen).slice(0, 1)
  if (found.length > 0) return { bindings: found, mappings }
  const [ip, hostPort] = [asked.HostIp ? `${asked.HostIp}:` : '', asked.HostPort ? `${asked.HostPort}:` : '']
  throw invalid(`port ${ip}${hostPort}${key} is not published`.slice(0, 200))
}

/** Undefined when no port is to change. Throws invalid for a port that can't be, or that isn't published. */
export const planPorts = ({ definition, state }: ContainerRecord, asked: ContainerUpdateBody): PortPlan | undefined => {
  const [added, removed] = [keyed(asked.PublishAdd), keyed(asked.PublishRemove)]
  if (added.size === 0 && removed.size === 0) return undefined
  const { config, hostConfig } = definition
  if (hostConfig.NetworkMode?.startsWith('container:')) {
    throw invalid('conflicting options: port publishing and the container type network mode')
  }
  const explicit = keyed(hostConfig.PortBindings)
  // A port that is published since all are can only go when the others are named.
  const named = [...removed.keys()].some((key) => !explicit.has(key))
  const bindings = new Map(named ? askedBindings(config, hostConfig) : explicit)
  const remove: PortMapping[] = []
  for (const [key, list] of removed) {
    for (const one of list) {
      const found = match(key, one, bindings.get(key) ?? [], state.ports)
      remove.push(...found.mappings)
      bindings.set(
        key,
        (bindings.get(key) ?? []).filter((binding) => !found.bindings.includes(binding)),
      )
    }
  }
  for (const [key, list] of added) bindings.set(key, [...(bindings.get(key) ?? []), ...list])
  return {
    hostConfig: {
      PortBindings: Object.fromEntries([...bindings].filter(([, list]) => list.length > 0)),
      PublishAllPorts: hostConfig.PublishAllPorts === true && !named,
    },
    change: { add: requestsOf(added), remove },
  }
}
