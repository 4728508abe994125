import { isIP } from 'node:net'
import type { ContainerConfig, HostConfig, PortBinding, PortMap, PortSummary } from '@slipway/client'
import { invalid, type PortMapping, type PortRequest, type TransportProtocol } from '@slipway/core'

const isPort = (port: number): boolean => Number.isInteger(port) && port >= 1 && port <= 65535

/** Reads `80/tcp` or `80`. Throws invalid in docker's words. */
export const parsePortKey = (key: string): { port: number; protocol: TransportProtocol } => {
  const [number = '', protocol = 'tcp'] = key.split('/')
  if (!/^\d+$/.test(number) || !isPort(Number(number))) throw invalid(`invalid port specification: "${number}"`)
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') throw invalid(`invalid proto: ${protocol}`)
  return { port: Number(number), protocol }
}

/** The host ports that a binding leaves to choose from: 0 is any, `8000-8010` one of those. */
const hostPortsOf = ({ HostPort = '' }: PortBinding): Pick<PortRequest, 'hostPort' | 'lastHostPort'> => {
  if (HostPort === '' || HostPort === '0') return { hostPort: 0 }
  const [first = 0, last = first] = HostPort.split('-').map(Number)
  if (!/^\d+(-\d+)?$/.test(HostPort) || !isPort(first) || !isPort(last) || last < first) {
    throw invalid(`invalid port specification: "${HostPort}"`)
  }
  return last === first ? { hostPort: first } : { hostPort: first, lastHostPort: last }
}

/** '' stands for every address, of both families. */
const hostAddressOf = ({ HostIp = '' }: PortBinding): string => {
  if (HostIp !== '' && isIP(HostIp) === 0) throw invalid(`invalid IP address in port binding: ${HostIp}`)
  return HostIp
}

/** What is asked for, keyed by `80/tcp`. */
export type Bindings = ReadonlyMap<string, readonly PortBinding[]>

/** The engine chooses the host port, among all or in a range. */
export const isOpen = ({ HostPort = '' }: PortBinding): boolean => /^0?$|-/.test(HostPort)

/** All that a container asks for, with the ports that `PublishAllPorts` stands for. */
export const askedBindings = (config: ContainerConfig, host: HostConfig): Bindings => {
  const bindings = new Map<string, readonly PortBinding[]>(
    Object.entries(host.PortBindings ?? {}).map(([key, value]) => [key, value?.length ? value : [{}]]),
  )
  if (host.PublishAllPorts) {
    for (const key of Object.keys(config.ExposedPorts ?? {})) if (!bindings.has(key)) bindings.set(key, [{}])
  }
  return bindings
}

/** As the publisher reads them. What is left open (hostPort 0, hostIp '') is for it to fill in. Throws invalid. */
export const requestsOf = (bindings: Bindings): readonly PortRequest[] =>
  [...bindings].flatMap(([key, list]) => {
    const { port, protocol } = parsePortKey(key)
    return list.map((binding) => ({
      protocol,
      containerPort: port,
      hostIp: hostAddressOf(binding),
      ...hostPortsOf(binding),
    }))
  })

/** The mappings a container asks for. */
export const wantedMappings = (config: ContainerConfig, host: HostConfig): readonly PortRequest[] =>
  requestsOf(askedBindings(config, host))

export const networkWarnings = ({ NetworkMode, PortBindings }: HostConfig): readonly string[] =>
  NetworkMode === 'host' && Object.keys(PortBindings ?? {}).length > 0
    ? ['Published ports are discarded when using host network mode']
    : []

const keyOf = ({ containerPort, protocol }: PortMapping): string => `${containerPort}/${protocol}`

/** As `inspect` shows them: exposed ports that aren't published have null. */
export const portMap = (exposed: ContainerConfig['ExposedPorts'], mappings: readonly PortMapping[]): PortMap => {
  const map: Record<string, PortBinding[] | null> = Object.fromEntries(
    Object.keys(exposed ?? {}).map((key) => [key, null]),
  )
  for (const mapping of mappings) {
    const bindings = map[keyOf(mapping)] ?? []
    bindings.push({ HostIp: mapping.hostIp, HostPort: String(mapping.hostPort) })
    map[keyOf(mapping)] = bindings
  }
  return map
}

/** As the list shows them. */
export const portSummaries = (
  exposed: ContainerConfig['ExposedPorts'],
  mappings: readonly PortMapping[],
): readonly PortSummary[] => {
  const published = new Set(mappings.map(keyOf))
  const only = Object.keys(exposed ?? {}).filter((key) => !published.has(key))
  return [
    ...only.map(parsePortKey).map(({ port, protocol }) => ({ PrivatePort: port, Type: protocol })),
    ...mappings.map(({ hostIp, containerPort, hostPort, protocol }) => ({
      IP: hostIp,
      PrivatePort: containerPort,
      PublicPort: hostPort,
      Type: protocol,
    })),
  ]
}
