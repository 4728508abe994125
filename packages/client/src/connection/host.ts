import { invalid } from '@slipway/core'

/** Where an engine listens. */
export type EngineHost =
  | { readonly protocol: 'unix'; readonly path: string }
  | { readonly protocol: 'tcp'; readonly hostname: string; readonly port: number }

/** docker's port without TLS, and with it. */
const defaultPorts = { plain: 2375, tls: 2376 } as const

const parseTcp = (text: string, rest: string, tls: boolean): EngineHost => {
  const fallback = tls ? defaultPorts.tls : defaultPorts.plain
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined
  if (url === undefined || rest === '') throw invalid(`unable to parse docker host \`${text}\``)
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  // URL drops the port 80, which is http's own.
  const port = url.port !== '' ? Number(url.port) : /:80(?:\/|$)/.test(rest) ? 80 : fallback
  return { protocol: 'tcp', hostname, port }
}

/** Reads `unix:///run/slipway/slipway.sock`, `tcp://127.0.0.1:2375` or `http://…`. Throws invalid. */
export const parseHost = (text: string, { tls = false }: { readonly tls?: boolean } = {}): EngineHost => {
  const at = text.indexOf('://')
  const scheme = at === -1 ? '' : text.slice(0, at)
  const rest = text.slice(at + 3)
  if (scheme === 'unix' && rest !== '') return { protocol: 'unix', path: rest }
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https')
    return parseTcp(text, rest, tls || scheme === 'https')
  throw invalid(`unable to parse docker host \`${text}\``)
}
