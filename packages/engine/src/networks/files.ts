import { readFile, writeFile } from 'node:fs/promises'
import { hostResolvConf, hostsFile, resolvConf } from '@slipway/network'

/** Paths on the host of the files that are mounted over /etc/hostname, /etc/hosts and /etc/resolv.conf. */
export interface NetworkFiles {
  readonly hostname: string
  readonly hosts: string
  readonly resolvConf: string
}

export interface NetworkFileContents {
  readonly hostname: string
  readonly domainname?: string
  /** Its own: one on each network it is on. */
  readonly addresses: readonly string[]
  /** What `host-gateway` stands for. */
  readonly gateway: string
  /** It is on the host's own network. */
  readonly hostNetwork: boolean
  /** `name:address` */
  readonly extraHosts?: readonly string[]
  readonly dns?: readonly string[]
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

/** Writes them as docker does. Throws invalid for addresses and names that are none. */
export const writeNetworkFiles = async (files: NetworkFiles, contents: NetworkFileContents): Promise<void> => {
  const { hostname, domainname = '', addresses, gateway, hostNetwork, extraHosts = [] } = contents
  const { dns = [], search = [], options = [] } = contents
  const hosts = hostsFile({
    hostname,
    domainname,
    addresses,
    extraHosts,
    hostGateway: gateway,
    ...(hostNetwork ? { host: await readFile('/etc/hosts', 'utf8').catch(() => '') } : {}),
  })
  const resolv = resolvConf({
    host: await hostResolvConf(),
    hostNetwork,
    ...(dns.length > 0 ? { dns } : {}),
    ...(search.length > 0 ? { search } : {}),
    ...(options.length > 0 ? { options } : {}),
  })
  await Promise.all([
    writeFile(files.hostname, `${hostname}\n`, { mode: 0o644 }),
    writeFile(files.hosts, hosts, { mode: 0o644 }),
    writeFile(files.resolvConf, resolv, { mode: 0o644 }),
  ])
}
