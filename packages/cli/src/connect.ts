import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineClient, type EngineTls } from '@slipway/client'
import { configDirectory } from './config/docker-config.ts'
import { Exit } from './exit.ts'
import type { Values } from './flags/flag.ts'
import type { globalFlags } from './global-flags.ts'
import { clientVersion } from './version.ts'

type Environment = Readonly<Record<string, string | undefined>>
type GlobalFlags = Values<typeof globalFlags>

export const defaultHost = 'unix:///run/slipway/slipway.sock'

/** The flag, SLIPWAY_HOST, DOCKER_HOST, the default. */
const hostOf = ({ host }: GlobalFlags, env: Environment): string => {
  if (host.length > 1) throw new Exit(125, 'Specify only one -H')
  return host[0] ?? (env['SLIPWAY_HOST'] || env['DOCKER_HOST'] || defaultHost)
}

const readPem = async (path: string, required: boolean): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (required) throw new Exit(1, `could not read certificate file ${path}: ${(error as Error).message}`)
    return undefined
  }
}

/** docker's way: `ca.pem`, `cert.pem` and `key.pem` in DOCKER_CERT_PATH, unless flags name others. */
const tlsOf = async (flags: GlobalFlags, env: Environment): Promise<EngineTls | undefined> => {
  const verify = flags.tlsverify || Boolean(env['DOCKER_TLS_VERIFY'])
  const named = [flags.tlscacert, flags.tlscert, flags.tlskey]
  if (!verify && named.every((path) => path === undefined)) return undefined
  const directory = env['DOCKER_CERT_PATH'] ?? configDirectory(env, flags.config)
  const [ca, cert, key] = await Promise.all(
    ['ca.pem', 'cert.pem', 'key.pem'].map((name, position) => {
      const path = named[position]
      return readPem(path ?? join(directory, name), path !== undefined)
    }),
  )
  return {
    verify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** Connects to the engine and agrees on a version with it. Throws unavailable. */
export const connect = async (
  flags: GlobalFlags,
  env: Environment,
  headers: Readonly<Record<string, string>>,
): Promise<EngineClient> => {
  const host = hostOf(flags, env)
  const tls = host.startsWith('unix:') ? undefined : await tlsOf(flags, env)
  const pinned = env['DOCKER_API_VERSION']
  const client = new EngineClient({
    host,
    headers: { ...headers, 'user-agent': `Slipway-Client/${clientVersion} (linux)` },
    ...(pinned ? { apiVersion: pinned } : {}),
    ...(tls === undefined ? {} : { tls }),
  })
  if (!pinned) await client.negotiate()
  return client
}
