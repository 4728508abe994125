import { closeSync, openSync } from 'node:fs'
import { withNetns } from '../namespace/enter.ts'
import { addAddress, deleteAddress } from './address.ts'
import { changeBridgePort, changeLink, createLink, createVeth, deleteLink, getLink } from './link.ts'
import { addNeighbour } from './neighbour.ts'
import { openRouteSocket } from './open.ts'
import type { LinkOperation } from './operation.ts'
import { addRoute, deleteRoute } from './route.ts'
import type { Request, RouteSocket } from './socket.ts'
import { writeSysctl } from './sysctl.ts'
import { createIpvlan, createMacvlan, createVlan } from './upon-parent.ts'

type Kind = LinkOperation['do']
type Of<K extends Kind> = Extract<LinkOperation, { readonly do: K }>

/** What a step may ask while it is written down: indexes of links, and descriptors of namespaces. */
interface Place {
  indexOf(link: string): number
  openNetns(path: string): number
}

type NetlinkKind = Exclude<Kind, 'sysctl'>

const requests: { readonly [K in NetlinkKind]: (step: Of<K>, place: Place) => Request } = {
  'create-bridge': (step) => createLink('bridge', step),
  'create-veth': ({ master, peer, ...link }, { indexOf, openNetns }) =>
    createVeth(
      { ...link, master: master === undefined ? undefined : indexOf(master) },
      peer,
      peer.netns === undefined ? undefined : openNetns(peer.netns),
    ),
  'create-vlan': ({ parent, ...link }, { indexOf }) => createVlan({ ...link, parent: indexOf(parent) }, link.id),
  'create-macvlan': ({ parent, into, mode, ...link }, { indexOf, openNetns }) =>
    createMacvlan({ ...link, parent: indexOf(parent), into: openNetns(into) }, mode),
  'create-ipvlan': ({ parent, into, mode, flag, ...link }, { indexOf, openNetns }) =>
    createIpvlan({ ...link, parent: indexOf(parent), into: openNetns(into) }, mode, flag),
  'set-alias': ({ name, alias }, { indexOf }) => changeLink(indexOf(name), { alias }),
  'set-up': ({ name }, { indexOf }) => changeLink(indexOf(name), { up: true }),
  'set-down': ({ name }, { indexOf }) => changeLink(indexOf(name), { up: false }),
  'set-mtu': ({ name, mtu }, { indexOf }) => changeLink(indexOf(name), { mtu }),
  'set-mac': ({ name, macAddress }, { indexOf }) => changeLink(indexOf(name), { macAddress }),
  'set-master': ({ name, master }, { indexOf }) =>
    changeLink(indexOf(name), { master: master === null ? 0 : indexOf(master) }),
  'set-bridge-port': ({ name, ...port }, { indexOf }) => changeBridgePort(indexOf(name), port),
  rename: ({ name, to }, { indexOf }) => changeLink(indexOf(name), { name: to }),
  'delete-link': ({ name }) => deleteLink(name),
  'add-address': ({ name, address }, { indexOf }) => addAddress(indexOf(name), address),
  'delete-address': ({ name, address }, { indexOf }) => deleteAddress(indexOf(name), address),
  'add-route': (step, { indexOf }) => addRoute(step, step.name === undefined ? undefined : indexOf(step.name)),
  'delete-route': (step, { indexOf }) => deleteRoute(step, step.name === undefined ? undefined : indexOf(step.name)),
  'add-neighbour': ({ name, address, macAddress }, { indexOf }) => addNeighbour(indexOf(name), address, macAddress),
}

/** What it means that there is nothing to delete; ENOENT is for the namespace. */
const absent: { readonly [K in Kind]?: readonly string[] } = {
  'delete-link': ['ENOENT', 'ENODEV'],
  'delete-address': ['ENOENT', 'ENODEV', 'EADDRNOTAVAIL'],
  'delete-route': ['ENOENT', 'ENODEV', 'ESRCH'],
}

export const isTolerated = (step: LinkOperation, error: unknown): boolean => {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return step.tolerate?.includes(code) === true || absent[step.do]?.includes(code) === true
}

/**
 * Makes the changes one after the other, on this thread, in the namespace `netns` or the thread's own. Stops at the first
 * that fails and throws its error; `error.syscall` is the step's `do`. What was done before it stays.
 */
export const runBatch = (operations: readonly LinkOperation[], netns?: string): void => {
  using open = new DisposableStack()
  const descriptors = new Map<string, number>()
  const openNetns = (path: string): number => {
    const fd = descriptors.get(path) ?? open.adopt(openSync(path, 'r'), closeSync)
    descriptors.set(path, fd)
    return fd
  }
  const sockets = new Map<string | undefined, RouteSocket>()
  const socketIn = (path: string | undefined): RouteSocket => {
    const socket = sockets.get(path) ?? open.use(openRouteSocket(path === undefined ? undefined : openNetns(path)))
    sockets.set(path, socket)
    return socket
  }
  for (const operation of operations) {
    const place = operation.netns ?? netns
    try {
      if (operation.do === 'sysctl') setSysctl(operation, place === undefined ? undefined : openNetns(place))
      else change(operation, socketIn(place), openNetns)
    } catch (error) {
      if (!isTolerated(operation, error)) throw error
    }
  }
}

const setSysctl = ({ key, value }: Of<'sysctl'>, netns: number | undefined): void => {
  if (netns === undefined) writeSysctl(key, value)
  else withNetns(netns, () => writeSysctl(key, value))
}

const change = (step: Of<NetlinkKind>, socket: RouteSocket, openNetns: Place['openNetns']): void => {
  const encode = requests[step.do] as (step: LinkOperation, place: Place) => Request
  const request = encode(step, { indexOf: (link) => getLink(socket, link).index, openNetns })
  const name = 'destination' in step ? step.destination : step.name
  socket.change(request, { action: step.do, name })
}
