import { readFile, writeFile } from 'node:fs/promises'
import { hostResolvConf, hostsFile, nameServerAddress, resolvConf } from '@slipway/network'

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
  readonly gateway?: string | undefined
  /** It is on the host's own network. */
  readonly hostNetwork: boolean
  /** The engine's own name server answers it, and asks those below for what it doesn't know. */
  readonly nameServer?: boolean
  /** `name:address` */
  readonly extraHosts?: readonly string[]
  readonly dns?: readonly string[]
  readonly search?: readonly string[]
  readonly options?: readonly string[]
}

/** Throws invalid for addresses and names that are none. */
export const resolvConfText = async (
  contents: Pick<NetworkFileContents, 'hostNetwork' | 'nameServer' | 'dns' | 'search' | 'options'>,
): Promise<string> => {
  const { hostNetwork, nameServer = false, dns = [], search = [], options = [] } = contents
  const host = await hostResolvConf()
  return resolvConf({
    host,
    hostNetwork,
    dns,
    search,
    options,
    ...(nameServer ? { nameServer: nameServerAddress } : {}),
  })
}

/** Writes them as docker does. Throws invalid for addresses and names that are none. */
export const writeNetworkFiles = async (files: NetworkFiles, contents: NetworkFileContents): Promise<void> => {
  const { hostname, domainname = '', addresses, gateway, hostNetwork, extraHosts = [] } = contents
  const hosts = hostsFile({
    hostname,
    domainname,
    addresses,
    extraHosts,
    hostGateway: gateway,
    ...(hostNetwork ? { host: await readFile('/etc/hosts', 'utf8').catch(() => '') } : {}),
  })
  const resolv = await resolvConfText(contents)
  await Promise.all([
    writeFile(files.hostname, `${hostname}\n`, { mode: 0o644 }),
    writeFile(files.hosts, hosts, { mode: 0o644 }),
    writeFile(files.resolvConf, resolv, { mode: 0o644 }),
  ])
}
