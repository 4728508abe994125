import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { isAbsolute } from 'node:path'
import { invalid, messageOf } from '@slipway/core'

/** Keys and certificates of an engine on TCP, as PEM. */
export interface TlsFiles {
  readonly cert: Buffer
  readonly key: Buffer
  /** Only clients whose certificate it signed get in; undefined: anyone who can connect is root here. */
  readonly clientCa: Buffer | undefined
}

/** Where the engine listens. */
export type EngineHost =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: TlsFiles | undefined }

export interface TlsSettings {
  readonly tls: boolean
  readonly verify: boolean
  readonly caCert: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly allowPlain: boolean
}

/** dockerd's ports, and those that its clients expect where an address names none. */
const defaultPorts = { plain: 2375, tls: 2376 } as const

const readPem = (path: string | undefined, flag: string): Promise<Buffer> => {
  if (path === undefined) throw invalid(`TLS on a tcp:// host needs --${flag}`)
  return readFile(path).catch((error) => {
    throw invalid(`--${flag}: ${messageOf(error)}`, error)
  })
}

const readTls = async ({ tls, verify, caCert, cert, key }: TlsSettings): Promise<TlsFiles | undefined> => {
  if (!tls && !verify) return undefined
  const [certPem, keyPem, clientCa] = await Promise.all([
    readPem(cert, 'tlscert'),
    readPem(key, 'tlskey'),
    verify ? readPem(caCert, 'tlscacert') : undefined,
  ])
  return { cert: certPem, key: keyPem, clientCa }
}

const parseAddress = (host: string, defaultPort: number): { host: string; port: number } => {
  const found = /^tcp:\/\/(\[[0-9a-fA-F:.]+\]|[^:/\s]*)(?::(\d{1,5}))?\/?$/.exec(host)
  const port = Number(found?.[2] ?? defaultPort)
  if (found === null || port > 0xffff) throw invalid(`invalid bind address (${host}): tcp://ADDRESS:PORT expected`)
  return { host: (found[1] ?? '').replace(/^\[|\]$/g, '') || '127.0.0.1', port }
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))

/**
 * Reads `-H unix:///path` and `-H tcp://address:port`. Throws invalid for what can't be served, and for TCP without verified
 * clients that wasn't asked for in so many words: whoever reaches the engine is root on this machine.
 */
export const parseHosts = async (hosts: readonly string[], settings: TlsSettings): Promise<readonly EngineHost[]> => {
  const tls = await readTls(settings)
  return hosts.map((host): EngineHost => {
    if (host.startsWith('unix://')) {
      const path = host.slice('unix://'.length)
      if (!isAbsolute(path)) throw invalid(`cannot listen on ${host}: unix:///absolute/path expected`)
      return { kind: 'unix', path }
    }
    if (!host.startsWith('tcp://')) {
      throw invalid(`cannot listen on ${host}: only unix:///path and tcp://address:port are served`)
    }
    if (tls === undefined && !settings.allowPlain) {
      throw invalid(
        `refusing to listen on ${host} without TLS, for whoever reaches it is root on this machine: give --tlsverify with --tlscacert, --tlscert and --tlskey, or --allow-plain-tcp if that is what you want`,
      )
    }
    return { kind: 'tcp', ...parseAddress(host, tls ? defaultPorts.tls : defaultPorts.plain), tls }
  })
}

/** What is dangerous about where the engine listens, in sentences for its log and for `info`. */
export const hostWarnings = (hosts: readonly EngineHost[]): readonly string[] =>
  hosts.flatMap((one) => {
    if (one.kind === 'unix' || one.tls?.clientCa) return []
    const where = `tcp://${one.host}:${one.port}`
    const reach = isLoopback(one.host) ? 'every process on this machine' : 'everyone who can reach it'
    const how = one.tls ? 'without asking clients for a certificate' : 'without encryption'
    return [`WARNING: API is accessible on ${where} ${how}: ${reach} is root on this machine`]
  })
