/** An address range of a network, which has at most one of each family. */
export interface Subnet {
  /** `172.17.0.0/16`. */
  readonly cidr: string
  /** `172.17.0.1`. */
  readonly gateway: string
}

export interface NetworkConfig {
  readonly id: string
  readonly name: string
  readonly driver: string
  readonly subnets: readonly Subnet[]
  readonly internal: boolean
  /** docker's driver options; `com.docker.network.bridge.name` names the link. */
  readonly options: Readonly<Record<string, string>>
}

export type TransportProtocol = 'tcp' | 'udp' | 'sctp'

/** A container's port that is reachable on the host. */
export interface PortMapping {
  readonly protocol: TransportProtocol
  readonly containerPort: number
  /** `0.0.0.0`, `::`, or one address of the host. */
  readonly hostIp: string
  readonly hostPort: number
}

export const isSamePort = (a: PortMapping, b: PortMapping): boolean =>
  a.protocol === b.protocol && a.hostIp === b.hostIp && a.hostPort === b.hostPort && a.containerPort === b.containerPort

/** A mapping that is asked for: `hostPort` 0 is any, and with `lastHostPort` any from `hostPort` to that one. */
export interface PortRequest extends PortMapping {
  readonly lastHostPort?: number
}

/** A container's network namespace: a path that can be given to setns(2), for example `/run/slipway/netns/ID`. */
export interface Sandbox {
  readonly containerId: string
  readonly netns: string
}

export interface EndpointRequest {
  readonly network: NetworkConfig
  /** With prefix length: `172.17.0.2/16`; at most one of each family. */
  readonly addresses: readonly string[]
  readonly macAddress?: string
  /** Inside the sandbox; without it, `eth0`, or the first that is free. */
  readonly interfaceName?: string
  /** Whether the sandbox's way out leads through here; without it, that of its first endpoint does. */
  readonly defaultRoute?: boolean
  /** The same of IPv6. */
  readonly defaultRoute6?: boolean
}

export interface Endpoint {
  readonly networkId: string
  /** Inside the sandbox: `eth0`. */
  readonly interfaceName: string
  readonly hostInterfaceName: string
  readonly addresses: readonly string[]
  readonly gateway?: string
  /** The way out for IPv6, on a network that has it. */
  readonly gateway6?: string
  readonly macAddress: string
}

/**
 * Puts sandboxes on networks. It is given addresses (ipam chooses them) and keeps no state of its own: what it must know
 * again after a restart is in the arguments. `create()` and `connect()` of what is there already repair it; when they fail,
 * they leave nothing behind.
 */
export interface NetworkDriver {
  readonly type: string
  create(network: NetworkConfig): Promise<void>
  remove(network: NetworkConfig): Promise<void>
  connect(request: EndpointRequest, sandbox: Sandbox): Promise<Endpoint>
  disconnect(endpoint: Endpoint, sandbox: Sandbox): Promise<void>
}

/** All the mappings of one container. */
export interface PublishedPorts {
  readonly containerId: string
  /** The container's address on the bridge: of IPv4, if it has one. */
  readonly address: string
  /** Its IPv6 address, if it has one. */
  readonly address6?: string
  readonly mappings: readonly PortMapping[]
}

/**
 * Published ports. `reserve()` takes host ports for real (by binding them) and chooses the ones left open;
 * `publish()` lets packets through; both are undone by `release()`. `reconcile()` makes the kernel's state that of the
 * records, atomically: it is what start-up calls, and what repairs.
 */
export interface PortPublisher extends AsyncDisposable {
  /**
   * A `hostIp` of `''` means every address of both families: what comes back has a mapping for `0.0.0.0` and one for `::`
   * with the same port (the first alone where the host has no IPv6). `address` is the container's, for the messages.
   * Throws conflict with docker's words ("port is already allocated", "address already in use").
   */
  reserve(containerId: string, wanted: readonly PortRequest[], address?: string): Promise<readonly PortMapping[]>
  /** All that a container publishes from now on: what it did before and isn't in `ports` is taken away. */
  publish(ports: PublishedPorts): Promise<void>
  /** Gives back all of a container's ports, or the reservations of some. */
  release(containerId: string, some?: readonly PortMapping[]): Promise<void>
  reconcile(all: readonly PublishedPorts[]): Promise<void>
}
