import type { ContainerCreateBody, EndpointSettings } from '@slipway/client'
import { invalid } from '@slipway/core'
import { checkEndpoint } from './endpoints.ts'
import type { NetworkRecord } from './records.ts'

const maximumEndpoints = 64

/** Networks that can't be joined together with others. */
const isAlone = (name: string): boolean => name === 'host' || name === 'none' || name.startsWith('container:')

/**
 * The networks that a new container is to be on, by name: those of `EndpointsConfig`, and the one that the network mode names.
 * One that isn't there is kept as it was written, and told at the start, as docker does. Throws invalid.
 */
export const endpointsOf = (
  body: ContainerCreateBody,
  mode: string,
  networks: readonly NetworkRecord[],
): Readonly<Record<string, EndpointSettings>> => {
  if (mode.startsWith('container:')) return {}
  const nameOf = (text: string): string => {
    if (text === 'default') return 'bridge'
    const found = networks.find(({ name }) => name === text) ?? networks.find(({ id }) => id.startsWith(text))
    return found?.name ?? text
  }
  const asked = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {})
  if (asked.length > maximumEndpoints) throw invalid(`a container can be on ${maximumEndpoints} networks at most`)
  const own = nameOf(mode)
  const endpoints: Record<string, EndpointSettings> = { [own]: {} }
  for (const [name, settings] of asked) endpoints[nameOf(name)] = settings ?? {}
  if (Object.keys(endpoints).length > 1 && Object.keys(endpoints).some(isAlone)) {
    throw invalid('conflicting options: cannot attach both user-defined and non-user-defined network-modes')
  }
  const legacyMac = body.MacAddress
  const ownMac = endpoints[own]?.MacAddress
  if (legacyMac && ownMac && legacyMac !== ownMac) {
    throw invalid(
      'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
    )
  }
  if (legacyMac && !isAlone(own))
    endpoints[own] = { ...endpoints[own], MacAddress: endpoints[own]?.MacAddress || legacyMac }
  for (const [name, settings] of Object.entries(endpoints)) {
    const network = networks.find((one) => one.name === name)
    if (network !== undefined) checkEndpoint({ network, settings })
  }
  return endpoints
}
