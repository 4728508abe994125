import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineClient, type EngineTls, messageOf } from '@slipway/client'
import type { Session } from './command.ts'
import { currentContext, implicitContext } from './config/current-context.ts'
import { configDirectory, type DockerConfigFile } from './config/docker-config.ts'
import { Exit } from './exit.ts'
import type { Values } from './flags/flag.ts'
import type { globalFlags } from './global-flags.ts'
import { clientVersion } from './version.ts'

type Environment = Readonly<Record<string, string | undefined>>
type GlobalFlags = Values<typeof globalFlags>

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
  if (!verify && !flags.tls && named.every((path) => path === undefined)) return undefined
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

interface Target {
  readonly host: string
  readonly tls?: EngineTls | undefined
}

/** A context that has a file, with the certificates that lie beside it. */
const targetOfContext = async (directory: string, name: string): Promise<Target> => {
  // Every command connects, few through a context: they alone pay for loading crypto.
  const { contextPaths, readContext } = await import('./config/contexts.ts')
  const { Host: host = '', SkipTLSVerify = false } = (await readContext(directory, name)).Endpoints.docker ?? {}
  const folder = join(contextPaths(directory, name).tls, 'docker')
  const read = (file: string): Promise<string | undefined> => readPem(join(folder, file), false)
  const [ca, cert, key] = await Promise.all([read('ca.pem'), read('cert.pem'), read('key.pem')])
  if (ca === undefined && cert === undefined && !SkipTLSVerify) return { host }
  return {
    host,
    tls: { verify: !SkipTLSVerify, ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) },
  }
}

const targetOf = async (flags: GlobalFlags, env: Environment, file: DockerConfigFile): Promise<Target> => {
  if (flags.host.length > 1) throw new Exit(125, 'Specify only one -H')
  if (flags.host.length > 0 && flags.context) {
    throw new Exit(1, 'conflicting options: cannot specify both --host and --context')
  }
  const name = currentContext({ flags, env, file })
  if (name !== 'default') {
    return await targetOfContext(configDirectory(env, flags.config), name).catch((error: unknown) => {
      const problem = 'Failed to initialize: unable to resolve docker endpoint'
      throw new Exit(1, `${problem}: ${messageOf(error)}`, { cause: error })
    })
  }
  const host = implicitContext({ flags, env }).Endpoints.docker?.Host ?? ''
  return { host, tls: host.startsWith('unix:') ? undefined : await tlsOf(flags, env) }
}

/** The engine's address, as `connect` would take it. */
export const engineHost = async ({
  global,
  env,
  config,
}: Pick<Session, 'global' | 'env' | 'config'>): Promise<string> =>
  (await targetOf(global, env, (await config()).file)).host

/** Connects to the engine and agrees on a version with it. Throws unavailable. */
export const connect = async (flags: GlobalFlags, env: Environment, file: DockerConfigFile): Promise<EngineClient> => {
  const { host, tls } = await targetOf(flags, env, file)
  const pinned = env['DOCKER_API_VERSION']
  const client = new EngineClient({
    host,
    headers: { ...file.HttpHeaders, 'user-agent': `Slipway-Client/${clientVersion} (linux)` },
    ...(pinned ? { apiVersion: pinned } : {}),
    ...(tls === undefined ? {} : { tls }),
  })
  if (!pinned) await client.negotiate()
  return client
}
