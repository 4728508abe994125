/** Where a container's port is published on the host. */
export interface PortBinding {
  readonly HostIp?: string
  /** A number or a range, as text; empty: the engine chooses. */
  readonly HostPort?: string
}

/** Keyed by `80/tcp`; null: exposed, not published. */
export type PortMap = Readonly<Record<string, readonly PortBinding[] | null>>

/** Keyed by `80/tcp`: Go's way to write a set. */
export type PortSet = Readonly<Record<string, Readonly<Record<string, never>>>>

/** One row of `docker ps`; a port published on IPv4 and IPv6 has two. */
export interface PortSummary {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: 'tcp' | 'udp' | 'sctp'
}
