import { createLink, type LinkSettings } from './link.ts'
import { uint16, uint32 } from './message.ts'
import type { Request } from './socket.ts'

const IFLA_VLAN_ID = 1
const IFLA_MACVLAN_MODE = 1
const IFLA_IPVLAN_MODE = 1
const IFLA_IPVLAN_FLAGS = 2

/** As if_link.h numbers them. */
const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const
const ipvlanModes = { l2: 0, l3: 1, l3s: 2 } as const
const ipvlanFlags = { bridge: 0, private: 1, vepa: 2 } as const

export type MacvlanMode = keyof typeof macvlanModes
export type IpvlanMode = keyof typeof ipvlanModes
export type IpvlanFlag = keyof typeof ipvlanFlags

/** A link that shares another one's hardware. `into` is a namespace, an open file. */
interface UponParent extends LinkSettings {
  readonly parent: number
  readonly into?: number | undefined
}

/** `eth0.50`: what is tagged so on its parent. */
export const createVlan = (link: UponParent, id: number): Request =>
  createLink('vlan', link, [uint16(IFLA_VLAN_ID, id)])

export const createMacvlan = (link: UponParent, mode: MacvlanMode): Request =>
  createLink('macvlan', link, [uint32(IFLA_MACVLAN_MODE, macvlanModes[mode])])

export const createIpvlan = (link: UponParent, mode: IpvlanMode, flag: IpvlanFlag): Request =>
  createLink('ipvlan', link, [
    uint16(IFLA_IPVLAN_MODE, ipvlanModes[mode]),
    uint16(IFLA_IPVLAN_FLAGS, ipvlanFlags[flag]),
  ])
