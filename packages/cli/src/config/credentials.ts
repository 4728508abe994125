import type { AuthConfig } from '@slipway/client'
import { helperErase, helperGet, helperList, helperStore } from './credential-helper.ts'
import { type AuthEntry, type DockerConfig, writeDockerConfig } from './docker-config.ts'

/** Under this name docker keeps what belongs to docker.io. */
export const hubServer = 'https://index.docker.io/v1/'

const hubNames = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', hubServer])

/** `https://host:port/v2/` and `host:port` are the same registry. */
const hostOf = (server: string): string => server.replace(/^https?:\/\//, '').replace(/\/.*$/, '')

export const canonicalServer = (server: string): string => (hubNames.has(server) ? hubServer : hostOf(server))

/** The registry that an image's name leads to. */
export const serverOfImage = (image: string): string => {
  const first = image.includes('/') ? image.slice(0, image.indexOf('/')) : ''
  return /[.:]/.test(first) || first === 'localhost' ? canonicalServer(first) : hubServer
}

const helperFor = ({ file }: DockerConfig, server: string): string | undefined =>
  file.credHelpers?.[server] ?? (file.credsStore || undefined)

const decode = (server: string, { auth = '', identitytoken, registrytoken }: AuthEntry): AuthConfig => {
  const plain = Buffer.from(auth, 'base64').toString('utf8')
  const colon = plain.indexOf(':')
  const basic = colon === -1 ? {} : { username: plain.slice(0, colon), password: plain.slice(colon + 1) }
  return {
    ...basic,
    serveraddress: server,
    ...(identitytoken ? { identitytoken } : {}),
    ...(registrytoken ? { registrytoken } : {}),
  }
}

/** What is stored for `server`, as `canonicalServer` names it. */
export const findCredentials = async (config: DockerConfig, server: string): Promise<AuthConfig | undefined> => {
  const helper = helperFor(config, server)
  if (helper !== undefined) return await helperGet(helper, server)
  const auths = config.file.auths ?? {}
  const entry = auths[server] ?? Object.entries(auths).find(([name]) => canonicalServer(name) === server)?.[1]
  return entry === undefined ? undefined : decode(server, entry)
}

export const storeCredentials = async (config: DockerConfig, server: string, auth: AuthConfig): Promise<void> => {
  const helper = helperFor(config, server)
  if (helper !== undefined) return await helperStore(helper, server, auth)
  const entry: AuthEntry =
    auth.identitytoken === undefined
      ? { auth: Buffer.from(`${auth.username}:${auth.password}`).toString('base64') }
      : { identitytoken: auth.identitytoken }
  const auths = { ...config.file.auths, [server]: entry }
  await writeDockerConfig({ ...config, file: { ...config.file, auths } })
}

/** Nothing to forget is no error. */
export const eraseCredentials = async (config: DockerConfig, server: string): Promise<void> => {
  const helper = helperFor(config, server)
  const known = Object.keys(config.file.auths ?? {}).filter((name) => canonicalServer(name) === server)
  if (helper !== undefined) await helperErase(helper, server)
  if (known.length === 0) return
  const auths = Object.fromEntries(Object.entries(config.file.auths ?? {}).filter(([name]) => !known.includes(name)))
  await writeDockerConfig({ ...config, file: { ...config.file, auths } })
}

/** True when a password is about to be written as it is. */
export const storesPlainly = (config: DockerConfig, server: string): boolean => helperFor(config, server) === undefined

/** All there is, by registry: what a build may need for its FROM lines. */
export const allCredentials = async (config: DockerConfig): Promise<Readonly<Record<string, AuthConfig>>> => {
  const { auths = {}, credHelpers = {}, credsStore } = config.file
  const stored = credsStore ? await helperList(credsStore) : []
  const servers = new Set([...Object.keys(auths), ...Object.keys(credHelpers), ...stored].map(canonicalServer))
  const found = await Promise.all(
    [...servers].map(async (server) => [server, await findCredentials(config, server)] as const),
  )
  return Object.fromEntries(found.filter((entry): entry is [string, AuthConfig] => entry[1] !== undefined))
}
