import type { Session } from '../command.ts'
import { engineHost } from '../connect.ts'
import type { DockerConfigFile } from './docker-config.ts'

/** `proxies` of docker's config file: by the engine's address, or for all others as `default`. */
export interface ProxyConfig {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  readonly noProxy?: string
  readonly ftpProxy?: string
  readonly allProxy?: string
}

const variables: Readonly<Record<string, keyof ProxyConfig>> = {
  HTTP_PROXY: 'httpProxy',
  HTTPS_PROXY: 'httpsProxy',
  NO_PROXY: 'noProxy',
  FTP_PROXY: 'ftpProxy',
  ALL_PROXY: 'allProxy',
}

/** The proxies for builds and containers of the engine at `host`, by their variables' names in capitals. */
export const proxiesFor = ({ proxies = {} }: DockerConfigFile, host: string): ReadonlyMap<string, string> => {
  const found = Object.hasOwn(proxies, host) ? proxies[host] : proxies['default']
  return new Map(
    Object.entries(variables).flatMap(([name, key]) => {
      const value = found?.[key] ?? ''
      return value === '' ? [] : [[name, value] as const]
    }),
  )
}

/** Those for the engine that a command is about; it isn't connected to yet. */
export const readProxies = async (session: Session): Promise<ReadonlyMap<string, string>> => {
  const { file } = await session.config()
  return file.proxies === undefined ? new Map() : proxiesFor(file, await engineHost(session))
}

/** In capitals and in small letters, as some programs read these and some those; without the names that are given otherwise. */
export const bothCases = (
  proxies: ReadonlyMap<string, string>,
  given: ReadonlySet<string>,
): readonly (readonly [name: string, value: string])[] =>
  [...proxies]
    .flatMap(([name, value]) => [[name, value] as const, [name.toLowerCase(), value] as const])
    .filter(([name]) => !given.has(name))
