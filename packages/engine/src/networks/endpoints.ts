import { isIP } from 'node:net'
import type { EndpointSettings } from '@slipway/client'
import { invalid, messageOf } from '@slipway/core'
import { contains, parseAddress, parseCidr } from '@slipway/network'
import type { Attachment } from '../containers/records.ts'
import { listProblems } from './problems.ts'
import { isPredefined, type NetworkRecord } from './records.ts'

/** A network that a container is to be on, and how. */
export interface WantedEndpoint {
  readonly network: NetworkRecord
  readonly settings: EndpointSettings
}

const maximumAliases = 256
const namePattern = /^[!-~]{1,253}$/

/** What is wrong with an address asked for, in docker's words. */
const problemsOfAddress = (version: 4 | 6, address: string | undefined, network: NetworkRecord): readonly string[] => {
  if (!address) return []
  const problems: string[] = []
  const isAddress = isIP(address) === version
  if (isPredefined(network.name)) {
    problems.push('user specified IP address is supported on user defined networks only')
  }
  if (!isAddress) problems.push(`invalid IPv${version} address: ${address.slice(0, 64)}`)
  const subnet = network.subnets.find(({ cidr }) => parseCidr(cidr).family === version)
  if (!subnet?.asked) {
    problems.push(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    )
  } else if (!isAddress || !contains(parseCidr(subnet.cidr), parseAddress(address))) {
    problems.push(`no configured subnet or ip-range contain the IP address ${address.slice(0, 64)}`)
  }
  return problems
}

const problemsOf = ({ network, settings }: WantedEndpoint): readonly string[] => {
  const { IPAMConfig, Aliases, GwPriority } = settings
  const problems: string[] = [
    ...problemsOfAddress(4, IPAMConfig?.IPv4Address, network),
    ...problemsOfAddress(6, IPAMConfig?.IPv6Address, network),
  ]
  if ((Aliases?.length ?? 0) > 0 && isPredefined(network.name)) {
    problems.push('network-scoped alias is supported only for containers in user defined networks')
  }
  if ((Aliases?.length ?? 0) > maximumAliases) problems.push('too many aliases')
  const badAlias = Aliases?.find((alias) => !namePattern.test(alias))
  if (badAlias !== undefined) problems.push(`invalid alias: ${JSON.stringify(badAlias.slice(0, 64))}`)
  if (GwPriority !== undefined && !Number.isInteger(GwPriority)) problems.push('invalid gateway priority')
  return problems
}

/** Throws invalid in docker's words, with everything that is wrong. */
export const checkConnection = (wanted: WantedEndpoint): void => {
  const { MacAddress = '' } = wanted.settings
  if (MacAddress !== '' && !/^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(MacAddress)) {
    throw invalid(`invalid MAC address ${MacAddress.slice(0, 64)}`)
  }
  const problems = problemsOf(wanted)
  if (problems.length > 0) throw invalid(listProblems('invalid endpoint settings:', problems))
}

/** The same for a container that is made or started: of several networks the one that is wrong is named. */
export const checkEndpoint = (wanted: WantedEndpoint): void => {
  try {
    checkConnection(wanted)
  } catch (error) {
    throw invalid(`invalid config for network ${wanted.network.name}: ${messageOf(error)}`, error)
  }
}

interface Candidate {
  readonly name: string
  readonly priority: number
  readonly hasGateway: boolean
}

/** docker's order: the highest priority, and of equals the first by name; a network without a gateway never. */
const first = <T>(all: readonly T[], candidateOf: (one: T) => Candidate): T | undefined =>
  all
    .filter((one) => candidateOf(one).hasGateway)
    .toSorted((one, other) => {
      const [a, b] = [candidateOf(one), candidateOf(other)]
      return b.priority - a.priority || (a.name < b.name ? -1 : 1)
    })[0]

export type IpFamily = 'ipv4' | 'ipv6'

/** The endpoint through which what is neither network's goes out; each family may have another. */
export const wayOut = (attachments: readonly Attachment[], family: IpFamily): Attachment | undefined =>
  first(attachments, ({ network: name, priority = 0, endpoint: { gateway, gateway6 } }) => ({
    name,
    priority,
    hasGateway: (family === 'ipv4' ? gateway : gateway6) !== undefined,
  }))

/** The same of endpoints that are still to be made. */
export const wantedWayOut = (wanted: readonly WantedEndpoint[], family: IpFamily): WantedEndpoint | undefined =>
  first(wanted, ({ network: { name, internal, subnets }, settings: { GwPriority = 0 } }) => ({
    name,
    priority: GwPriority,
    hasGateway: !internal && subnets.some(({ cidr }) => cidr.includes(':') === (family === 'ipv6')),
  }))

/** The first `ethN` that no endpoint has. */
export const freeInterface = (attachments: readonly Attachment[]): string => {
  const taken = new Set(attachments.map(({ endpoint }) => endpoint.interfaceName))
  for (let number = 0; ; number += 1) if (!taken.has(`eth${number}`)) return `eth${number}`
}

/** What other containers on a network may call it: its name, its aliases, its short id, its own host name. */
export const namesOf = (
  container: { readonly id: string; readonly name: string; readonly hostname?: string | undefined },
  settings: EndpointSettings,
): readonly string[] => {
  const { id, name, hostname } = container
  const names = [name, ...(settings.Aliases ?? []), id.slice(0, 12), ...(hostname ? [hostname] : [])]
  return [...new Set(names.filter((text) => text !== ''))]
}
