import { isIP } from 'node:net'
import type { PortBinding } from '@slipway/client'
import { Exit } from '../exit.ts'

interface Range {
  readonly first: number
  readonly last: number
}

const protocols = new Set(['tcp', 'udp', 'sctp'])
const highestPort = 65535

const fail = (message: string): never => {
  throw new Exit(125, message)
}

/** `80` or `8000-8010`; undefined when it is neither. */
const readRange = (text: string): Range | undefined => {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text)
  if (match === null) return undefined
  const first = Number(match[1])
  const last = Number(match[2] ?? match[1])
  return first > highestPort || last > highestPort || last < first ? undefined : { first, last }
}

const readProtocol = (text: string): { readonly rest: string; readonly protocol: string } => {
  const slash = text.indexOf('/')
  const protocol = slash === -1 ? 'tcp' : text.slice(slash + 1).toLowerCase()
  if (!protocols.has(protocol)) fail(`invalid proto: ${text.slice(slash + 1)}`)
  return { rest: slash === -1 ? text : text.slice(0, slash), protocol }
}

interface Parts {
  readonly address: string
  readonly host: string
  readonly container: string
}

/** `[address:][host:]container`, where an IPv6 address stands in brackets. */
const split = (text: string): Parts => {
  const pieces = text.split(':')
  const container = pieces.pop() ?? ''
  const host = pieces.pop() ?? ''
  const address = pieces.join(':')
  if (address === '') return { address, host, container }
  const bare = /^\[(.*)\]$/.exec(address)?.[1] ?? address
  if (isIP(bare) === 0) fail(`invalid IP address: ${address}`)
  return { address: bare, host, container }
}

const count = ({ first, last }: Range): number => last - first + 1

export interface PublishedPort {
  /** `80/tcp` */
  readonly port: string
  readonly binding: PortBinding
}

const hostPortOf = (host: Range | undefined, container: Range, position: number): string => {
  if (host === undefined) return ''
  // A range for one port: the engine takes the first that is free.
  if (count(container) === 1 && count(host) > 1) return `${host.first}-${host.last}`
  return String(host.first + position)
}

/** Reads `--publish`: `8080:80`, `127.0.0.1::53/udp`, `[::1]:8000-8010:80-90`, `80`. Throws Exit in docker's words. */
export const parsePublish = (text: string): readonly PublishedPort[] => {
  const { rest, protocol } = readProtocol(text.includes('=') ? fromLongForm(text) : text)
  const { address, host, container } = split(rest)
  if (container === '') fail(`no port specified: ${text}<empty>`)
  const containers = readRange(container) ?? fail(`invalid containerPort: ${container}`)
  const hosts = host === '' ? undefined : (readRange(host) ?? fail(`invalid hostPort: ${host}`))
  if (hosts !== undefined && count(hosts) !== count(containers) && count(containers) !== 1) {
    fail(`invalid ranges specified for container and host Ports: ${container} and ${host}`)
  }
  return Array.from({ length: count(containers) }, (_, position) => ({
    port: `${containers.first + position}/${protocol}`,
    binding: { HostIp: address, HostPort: hostPortOf(hosts, containers, position) },
  }))
}

/** Several of them, by the container's port. */
export const bindingsOf = (texts: readonly string[]): Readonly<Record<string, readonly PortBinding[]>> => {
  const bindings: Record<string, PortBinding[]> = {}
  for (const { port, binding } of texts.flatMap(parsePublish)) bindings[port] = [...(bindings[port] ?? []), binding]
  return bindings
}

/** `published=8080,target=80,protocol=udp` as `8080:80/udp`. */
const fromLongForm = (text: string): string => {
  const parts = new Map<string, string>()
  for (const field of text.split(',')) {
    const [key = '', value] = field.split('=', 2)
    if (value === undefined || value === '')
      return fail(`invalid publish opts format (should be name=value but got '${field}')`)
    parts.set(key, value)
  }
  return `${parts.get('published') ?? ''}:${parts.get('target') ?? ''}/${parts.get('protocol') ?? 'tcp'}`
}

/** Reads `--expose`: a port or a range, with a protocol. Throws Exit. */
export const parseExpose = (text: string): readonly string[] => {
  if (text.includes(':')) fail(`invalid port format for --expose: ${text}`)
  const { rest, protocol } = readProtocol(text)
  const range =
    readRange(rest) ??
    fail(
      `invalid range format for --expose: ${rest}, error: strconv.ParseUint: parsing ${JSON.stringify(rest)}: invalid syntax`,
    )
  return Array.from({ length: count(range) }, (_, position) => `${range.first + position}/${protocol}`)
}
