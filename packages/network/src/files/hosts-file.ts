import { isIP } from 'node:net'
import { invalid } from '@slipway/core'

export interface HostsFileOptions {
  readonly hostname: string
  readonly domainname?: string
  /** The container's own, without prefix length. */
  readonly addresses: readonly string[]
  /** `name:address`, as `--add-host` comes over the wire; the address may be `host-gateway`. */
  readonly extraHosts?: readonly string[]
  /** What `host-gateway` stands for. */
  readonly hostGateway?: string | undefined
  /** Default: true, as docker has it where the container's IPv6 loopback is up. */
  readonly ipv6?: boolean
  /** On the host's own network: the host's /etc/hosts, which takes the place of the standard lines. */
  readonly host?: string
}

interface HostsLine {
  readonly address: string
  readonly names: string
}

const loopback4: HostsLine = { address: '127.0.0.1', names: 'localhost' }
const loopback6: readonly HostsLine[] = [
  { address: '::1', names: 'localhost ip6-localhost ip6-loopback' },
  { address: 'fe00::', names: 'ip6-localnet' },
  { address: 'ff00::', names: 'ip6-mcastprefix' },
  { address: 'ff02::1', names: 'ip6-allnodes' },
  { address: 'ff02::2', names: 'ip6-allrouters' },
]

const parseExtraHost = (text: string, hostGateway: string | undefined): HostsLine => {
  const colon = text.indexOf(':')
  const names = text.slice(0, Math.max(colon, 0))
  const given = text.slice(colon + 1).replace(/^\[(.*)\]$/, '$1')
  if (!/^[!-~]{1,255}$/.test(names)) throw invalid(`bad format for add-host: ${JSON.stringify(text.slice(0, 300))}`)
  const address = given === 'host-gateway' ? hostGateway : given
  if (address === undefined) throw invalid('unable to derive the IP value for host-gateway')
  if (isIP(address) === 0) throw invalid(`invalid IP address in add-host: ${JSON.stringify(address.slice(0, 64))}`)
  return { address, names }
}

/** Throws invalid in docker's words. */
export const checkExtraHost = (text: string): void => {
  // Which address that stands for is known when it runs.
  parseExtraHost(text.replaceAll('host-gateway', '127.0.0.1'), undefined)
}

/** `web.example.com web`: the full name, and the bare one when there is more than that. */
const ownNames = (hostname: string, domainname: string): string => {
  const full = domainname === '' ? hostname : `${hostname}.${domainname}`
  const dot = full.indexOf('.')
  return dot === -1 ? full : `${full} ${full.slice(0, dot)}`
}

/**
 * The text of a build step's /etc/hosts, as BuildKit writes it: the host's name is that of the machine itself. Throws invalid.
 */
export const stepHostsFile = ({
  hostname,
  extraHosts,
  hostGateway,
}: Required<Pick<HostsFileOptions, 'hostname' | 'extraHosts' | 'hostGateway'>>): string =>
  [
    { ...loopback4, names: `localhost ${hostname}` },
    ...loopback6.slice(0, 1),
    ...extraHosts.map((text) => parseExtraHost(text, hostGateway)),
  ]
    .map(({ address, names }) => `${address}\t${names}\n`)
    .join('')

/** The text of a container's /etc/hosts, as docker writes it. Throws invalid. */
export const hostsFile = ({
  hostname,
  domainname = '',
  addresses,
  extraHosts = [],
  hostGateway,
  ipv6 = true,
  host,
}: HostsFileOptions): string => {
  const standard = host === undefined ? [loopback4, ...(ipv6 ? loopback6 : [])] : []
  const names = ownNames(hostname, domainname)
  if (/[\s#]/.test(names.replace(' ', ''))) throw invalid(`invalid hostname: ${JSON.stringify(names.slice(0, 300))}`)
  const lines = [
    ...standard,
    ...extraHosts.map((text) => parseExtraHost(text, hostGateway)),
    ...addresses.map((address) => ({ address, names })),
  ]
  const before = host === undefined || host === '' || host.endsWith('\n') ? (host ?? '') : `${host}\n`
  return before + lines.map((line) => `${line.address}\t${line.names}\n`).join('')
}
