import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { invalid } from '@slipway/core'

export interface ResolvConfOptions {
  /** The text of the host's file, of `hostResolvConf()`. */
  readonly host: string
  /** `--dns`; replaces the host's servers, and is taken as it is. */
  readonly dns?: readonly string[]
  /** `--dns-search`; replaces the host's; `.` alone means none. */
  readonly search?: readonly string[]
  /** `--dns-option`; replaces the host's. */
  readonly options?: readonly string[]
  /** Whether the container can reach IPv6 servers. */
  readonly ipv6?: boolean
  /** On the host's own network its loopback servers can be reached, and are kept. */
  readonly hostNetwork?: boolean
  /** The engine's own name server, which asks the others: it takes the place of all of them. */
  readonly nameServer?: string
}

interface Directives {
  readonly nameservers: string[]
  search: readonly string[]
  readonly options: string[]
  /** Lines we don't know, kept as they are. */
  readonly others: string[]
}

/** resolv.conf(5): the last `search` or `domain` counts, `options` add up. */
const parse = (text: string): Directives => {
  const directives: Directives = { nameservers: [], search: [], options: [], others: [] }
  for (const line of text.split('\n')) {
    const [keyword, ...words] = line.trim().split(/\s+/)
    if (!keyword || /^[#;]/.test(keyword)) continue
    if (keyword === 'nameserver') directives.nameservers.push(...words.slice(0, 1).filter((word) => isIP(word) !== 0))
    else if (keyword === 'search' || keyword === 'domain') directives.search = words
    else if (keyword === 'options') directives.options.push(...words)
    else directives.others.push(line)
  }
  return directives
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

const fallback = { 4: ['8.8.8.8', '8.8.4.4'], 6: ['2001:4860:4860::8888', '2001:4860:4860::8844'] } as const

/** What a container can reach of the host's servers; docker's fallback when that is none. */
const reachable = (servers: readonly string[], ipv6: boolean): readonly string[] => {
  const left = servers.filter((address) => !isLoopback(address) && (ipv6 || isIP(address) === 4))
  return left.length > 0 ? left : [...fallback[4], ...(ipv6 ? fallback[6] : [])]
}

const refuse = (what: string, words: readonly string[], isGood: (word: string) => boolean): void => {
  const bad = words.find((word) => !isGood(word))
  if (bad !== undefined) throw invalid(`invalid ${what}: ${JSON.stringify(bad.slice(0, 300))}`)
}

const isWord = (word: string): boolean => /^[!-~]{1,255}$/.test(word)

/** The text of a container's /etc/resolv.conf on a network without a name server of its own. Throws invalid. */
export const resolvConf = ({
  host,
  dns = [],
  search = [],
  options = [],
  ipv6 = false,
  hostNetwork = false,
  nameServer,
}: ResolvConfOptions): string => {
  for (const address of dns) {
    const text = address.slice(0, 64)
    if (isIP(address) === 0) {
      throw invalid(`bad nameserver address ${text}: ParseAddr(${JSON.stringify(text)}): unable to parse IP`)
    }
  }
  refuse('DNS search domain', search, isWord)
  refuse('DNS option', options, isWord)
  const ours = parse(host)
  const inherited = hostNetwork ? ours.nameservers : reachable(ours.nameservers, ipv6)
  const domains = search.length > 0 ? search.filter((domain) => domain !== '.') : ours.search
  const asked = options.length > 0 ? options : ours.options
  // Names without a dot are asked for as they are, first: containers have such names.
  const hasDots = asked.some((option) => option.startsWith('ndots:'))
  const chosen = nameServer === undefined || hasDots ? asked : [...asked, 'ndots:0']
  const servers = nameServer === undefined ? (dns.length > 0 ? dns : inherited) : [nameServer]
  const lines = [
    ...servers.map((address) => `nameserver ${address}`),
    ...(domains.length > 0 ? [`search ${domains.join(' ')}`] : []),
    ...(chosen.length > 0 ? [`options ${chosen.join(' ')}`] : []),
    ...ours.others,
  ]
  return lines.map((line) => `${line}\n`).join('')
}

/** The servers of a resolv.conf: at most three count. */
export const hostNameServers = (text: string): readonly string[] => parse(text).nameservers.slice(0, 3)

const systemdStub = '127.0.0.53'

/**
 * The host's file. Where it names only systemd-resolved's stub, which containers can't reach, the one with the servers
 * behind the stub. Empty when there is none.
 */
export const hostResolvConf = async (
  path = '/etc/resolv.conf',
  behindStub = '/run/systemd/resolve/resolv.conf',
): Promise<string> => {
  const text = await readFile(path, 'utf8').catch(() => '')
  const { nameservers } = parse(text)
  const onlyStub = nameservers.length === 1 && nameservers[0] === systemdStub
  return onlyStub ? readFile(behindStub, 'utf8').catch(() => text) : text
}
