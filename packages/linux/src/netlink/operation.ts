import type { BridgePort, LinkSettings } from './link.ts'
import type { Route } from './route.ts'
import type { IpvlanFlag, IpvlanMode, MacvlanMode } from './upon-parent.ts'

type UponParent = LinkSettings & { readonly parent: string; readonly into: string }

/** One step, in the words of ip(8). `name` is a link's. */
type Step =
  | (LinkSettings & { readonly do: 'create-bridge' })
  | (LinkSettings & {
      readonly do: 'create-veth'
      /** The bridge it becomes a port of. */
      readonly master?: string
      /** The other end, made right in `netns` if that is given. It cannot be made up: that takes a step of its own. */
      readonly peer: Omit<LinkSettings, 'up'> & { readonly netns?: string }
    })
  | (LinkSettings & { readonly do: 'create-vlan'; readonly parent: string; readonly id: number })
  /** Made right in the namespace `into`, upon a parent in that of the step. */
  | (UponParent & { readonly do: 'create-macvlan'; readonly mode: MacvlanMode })
  | (UponParent & { readonly do: 'create-ipvlan'; readonly mode: IpvlanMode; readonly flag: IpvlanFlag })
  | { readonly do: 'set-alias'; readonly name: string; readonly alias: string }
  | { readonly do: 'set-up'; readonly name: string }
  | { readonly do: 'set-down'; readonly name: string }
  | { readonly do: 'set-mtu'; readonly name: string; readonly mtu: number }
  | { readonly do: 'set-mac'; readonly name: string; readonly macAddress: string }
  /** Null takes it out of its bridge. */
  | { readonly do: 'set-master'; readonly name: string; readonly master: string | null }
  | (BridgePort & { readonly do: 'set-bridge-port'; readonly name: string })
  | { readonly do: 'rename'; readonly name: string; readonly to: string }
  /** What isn't there to be deleted is no error, here and below. */
  | { readonly do: 'delete-link'; readonly name: string }
  /** With prefix length. One that is there already is no error. */
  | { readonly do: 'add-address'; readonly name: string; readonly address: string }
  | { readonly do: 'delete-address'; readonly name: string; readonly address: string }
  /** Takes the place of one to the same destination. */
  | (Route & { readonly do: 'add-route'; readonly name?: string })
  | (Route & { readonly do: 'delete-route'; readonly name?: string })
  | { readonly do: 'add-neighbour'; readonly name: string; readonly address: string; readonly macAddress: string }
  /** `net.ipv4.ip_forward`, or with slashes where a link's name has dots: `net/ipv6/conf/eth0.1/disable_ipv6`. */
  | { readonly do: 'sysctl'; readonly key: string; readonly value: string | number }

/** A change to links, addresses, routes or sysctls: plain data, so that many go to another thread in one message. */
export type LinkOperation = Step & {
  /** A network namespace's path, if not that of the whole batch. */
  readonly netns?: string
  /** Errors that are as good as success, for example `['EEXIST']`. */
  readonly tolerate?: readonly string[]
}
