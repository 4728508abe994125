import { type AddressInfo, listAddresses } from '../netlink/address.ts'
import { runBatch } from '../netlink/batch.ts'
import { type DatagramPort, forgetDatagrams } from '../netlink/conntrack.ts'
import { deleteLinks, deletesLinksOnly } from '../netlink/delete.ts'
import { type LinkInfo, listLinks } from '../netlink/link.ts'
import { changeMaps, type MapChange } from '../netlink/map-elements.ts'
import { type NftablesState, nftablesSince } from '../netlink/nftables.ts'
import { openRouteSocket } from '../netlink/open.ts'
import type { LinkOperation } from '../netlink/operation.ts'
import { listRoutes, type RouteInfo } from '../netlink/route.ts'
import { makeNetns, removeNetns } from './netns.ts'

interface Place {
  /** A network namespace's path; the host's own if not given. */
  readonly netns?: string
}

/** What the network thread does: each task's input and output, all plain data. */
export interface NetworkTasks {
  readonly 'create-netns': (input: { readonly path: string }) => void
  readonly 'delete-netns': (input: { readonly path: string }) => void
  readonly run: (input: Place & { readonly operations: readonly LinkOperation[] }) => void | Promise<void>
  readonly 'nftables-since': (input: { readonly generation: number | undefined }) => NftablesState | undefined
  readonly 'change-maps': (input: MapChange) => void
  readonly 'forget-datagrams': (input: {
    readonly ports: readonly DatagramPort[]
    readonly local: ReadonlySet<string>
  }) => number
  readonly 'list-links': (input: Place) => readonly LinkInfo[]
  readonly 'list-addresses': (input: Place) => readonly AddressInfo[]
  readonly 'list-routes': (input: Place) => readonly RouteInfo[]
}

export type TaskName = keyof NetworkTasks
export type TaskInput<Name extends TaskName> = Parameters<NetworkTasks[Name]>[0]
export type TaskOutput<Name extends TaskName> = Awaited<ReturnType<NetworkTasks[Name]>>

export const networkTasks: NetworkTasks = {
  'create-netns': ({ path }) => makeNetns(path),
  'delete-netns': ({ path }) => removeNetns(path),
  run: ({ operations, netns }) =>
    deletesLinksOnly(operations) ? deleteLinks(operations, netns) : runBatch(operations, netns),
  'nftables-since': ({ generation }) => nftablesSince(generation),
  'change-maps': changeMaps,
  'forget-datagrams': ({ ports, local }) => forgetDatagrams(ports, local),
  'list-links': ({ netns }) => {
    using socket = openRouteSocket(netns)
    return listLinks(socket)
  },
  'list-addresses': ({ netns }) => {
    using socket = openRouteSocket(netns)
    return listAddresses(socket)
  },
  'list-routes': ({ netns }) => {
    using socket = openRouteSocket(netns)
    return listRoutes(socket)
  },
}

export interface TaskRequest {
  readonly id: number
  readonly name: TaskName
  readonly input: unknown
}

/** The properties of an error; a structured clone would keep only its message and stack. */
export interface TaskFailure {
  readonly message: string
  readonly properties: Readonly<Record<string, unknown>>
}

export type TaskAnswer =
  | { readonly id: number; readonly output: unknown }
  | { readonly id: number; readonly failure: TaskFailure }
