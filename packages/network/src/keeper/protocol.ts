import { type ErrorCode, type PortMapping, SlipwayError } from '@slipway/core'
import type { ServeRequest } from '../dns/service.ts'
import type { Announcement } from '../dns/zone.ts'
import type { RelayTarget } from '../ports/bind.ts'

/** A host port that a container has. */
export interface HeldPort {
  readonly containerId: string
  readonly mapping: PortMapping
}

/** What the daemon tells the keeper, one JSON text a line; each is answered, and each may be said again. */
export type KeeperCommand =
  | { readonly do: 'hello' }
  | ({ readonly do: 'bind' | 'unbind' } & HeldPort)
  | ({ readonly do: 'aim'; readonly target: RelayTarget | null } & HeldPort)
  | { readonly do: 'announce'; readonly announcement: Announcement }
  | { readonly do: 'withdraw'; readonly networkId: string; readonly containerId: string }
  | { readonly do: 'serve'; readonly request: ServeRequest }
  | { readonly do: 'stop'; readonly containerId: string }
  /** Lets go of everything that other containers than these have. */
  | { readonly do: 'retain'; readonly containerIds: readonly string[] }
  | { readonly do: 'quit' }

export type KeeperRequest = KeeperCommand & { readonly id: number }

export interface KeeperFailure {
  readonly message: string
  /** Of a SlipwayError, or an errno. */
  readonly code?: string
  readonly isSlipway: boolean
}

export interface KeeperReply {
  readonly id: number
  /** Of `hello`: what runs. */
  readonly version?: string
  readonly failure?: KeeperFailure
}

/** By which a port is known on both sides. */
export const portKey = ({ containerId, mapping: { protocol, hostIp, hostPort } }: HeldPort): string =>
  `${containerId} ${protocol} ${hostIp} ${hostPort}`

export const describeFailure = (error: unknown): KeeperFailure => {
  if (!(error instanceof Error)) return { message: String(error), isSlipway: false }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { message: error.message, ...code, isSlipway: error instanceof SlipwayError }
}

export const reviveFailure = ({ message, code, isSlipway }: KeeperFailure): Error =>
  isSlipway
    ? new SlipwayError((code ?? 'internal') as ErrorCode, message)
    : Object.assign(new Error(message), code === undefined ? {} : { code })
