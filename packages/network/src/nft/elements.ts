import { concatenation, type MapChange, type MapElement, parseIp } from '@slipway/linux'
import { checkTableName, type PublishedElement, placeOf } from './table.ts'

/** IPPROTO_* */
export const protocolNumbers = { tcp: 6, udp: 17, sctp: 132 } as const

const service = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 0xff)

const elementOf = (table: string, published: PublishedElement): MapElement => {
  const { family, map, anywhere } = placeOf(published)
  const { protocol, hostIp, hostPort, address, containerPort } = published
  const port = [Uint8Array.of(protocolNumbers[protocol]), service(hostPort)]
  return {
    family,
    table,
    map,
    key: concatenation(anywhere ? port : [parseIp(hostIp).bytes, ...port]),
    value: concatenation([parseIp(address).bytes, service(containerPort)]),
  }
}

export interface PublishedChange {
  readonly removed: readonly PublishedElement[]
  readonly added: readonly PublishedElement[]
}

/** A change of published ports as the kernel takes it. Throws invalid. */
export const mapChange = (name: string, { removed, added }: PublishedChange): MapChange => {
  const table = checkTableName(name)
  return {
    removed: removed.map((element) => elementOf(table, element)),
    added: added.map((element) => elementOf(table, element)),
  }
}
