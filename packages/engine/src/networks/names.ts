import type { EndpointSettings } from '@slipway/client'
import { hostNameServers, hostResolvConf, type NameServer, type Upstream } from '@slipway/network'
import type { Attachment, ContainerRecord } from '../containers/records.ts'
import { addressesOf } from './addresses.ts'
import { namesOf, wayOut } from './endpoints.ts'
import { isPredefined } from './records.ts'

/** A container, as far as others may call it, and it others. */
export interface Named {
  readonly id: string
  readonly name: string
  readonly hostname: string
  /** `--dns` */
  readonly dns: readonly string[]
  /** Keyed by the network's name. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
}

export const namedOf = ({ id, name, definition }: ContainerRecord): Named => ({
  id,
  name,
  hostname: definition.config.Hostname ?? '',
  dns: definition.hostConfig.Dns ?? [],
  endpoints: definition.endpoints,
})

/** Those that the name server answers on: all networks but the three that are always there. */
const withNames = (attachments: readonly Attachment[]): readonly Attachment[] =>
  attachments.filter(({ network }) => !isPredefined(network))

/** Whether a container has the engine's name server instead of the host's. */
export const hasNameServer = (attachments: readonly Attachment[]): boolean => withNames(attachments).length > 0

/** `db:database`, or `db` alone. A container may be named by its id as well: others know it by the short one. */
const linkOf = (text: string): readonly [alias: string, target: string] => {
  const [target = '', alias = target] = text.toLowerCase().split(':')
  return [alias.replace(/^\//, ''), /^[0-9a-f]{64}$/.test(target) ? target.slice(0, 12) : target.replace(/^\//, '')]
}

/** Whom to ask for other names: nobody, where there is no way out. */
const serversFor = async (
  { dns }: Named,
  netns: string,
  attachments: readonly Attachment[],
): Promise<readonly Upstream[]> => {
  if ((wayOut(attachments, 'ipv4') ?? wayOut(attachments, 'ipv6')) === undefined) return []
  // A loopback that someone asked for is the container's; one of the host's file is the host's.
  if (dns.length > 0) return dns.map((address) => ({ address, ...(address.startsWith('127.') ? { netns } : {}) }))
  return hostNameServers(await hostResolvConf()).map((address) => ({ address }))
}

/** The names of containers on networks that have names. */
export class ContainerNames {
  readonly #server: NameServer

  constructor(server: NameServer) {
    this.#server = server
  }

  /** Makes a container known, and lets it resolve. Called again after what it is on, or is called, has changed. */
  async serve(named: Named, netns: string, attachments: readonly Attachment[]): Promise<void> {
    const here = withNames(attachments)
    if (here.length === 0) return
    for (const attachment of here) {
      const { network, endpoint } = attachment
      this.#server.announce({
        networkId: endpoint.networkId,
        networkName: network,
        containerId: named.id,
        names: namesOf(named, named.endpoints[network] ?? {}),
        addresses: addressesOf(attachment),
      })
    }
    const links = here.flatMap(({ network }) => named.endpoints[network]?.Links ?? []).map(linkOf)
    await this.#server.serve({
      containerId: named.id,
      netns,
      view: { networks: here.map(({ endpoint }) => endpoint.networkId), links: Object.fromEntries(links) },
      servers: await serversFor(named, netns, attachments),
    })
  }

  /** It is not to be found any more through these; others of its networks stay. */
  withdraw(id: string, attachments: readonly Attachment[]): void {
    for (const { endpoint } of withNames(attachments)) this.#server.withdraw(endpoint.networkId, id)
  }

  /** It is gone, and asks no more. */
  stop(id: string, attachments: readonly Attachment[]): void {
    this.withdraw(id, attachments)
    this.#server.stop(id)
  }
}
