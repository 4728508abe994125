import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '@slipway/client'
import { HubClient, type HubCredentials } from '@slipway/client/hub/client'
import type { Session } from '../command.ts'
import { canonicalServer, findCredentials } from '../config/credentials.ts'
import { configDirectory } from '../config/docker-config.ts'
import { Exit, errorText } from '../exit.ts'
import { text } from '../flags/flag.ts'
import { clientVersion } from '../version.ts'
import { chosenHub } from './chosen.ts'

export const hubFlags = {
  server: text('', 'Address of the registry (overrides SLIPWAY_HUB and the one set with "slipway hub login")'),
} as const

const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?$/

/** As docker reads a registry's name: over TLS, but for what is on this machine. */
export const urlOf = (server: string): string => {
  if (/^https?:\/\//.test(server)) return server
  return `${loopback.test(server) ? 'http' : 'https'}://${server}`
}

/** Where docker keeps the certificates of registries that no authority of the system has signed. */
const readCa = async (session: Session, server: string): Promise<string | undefined> => {
  const { tlscacert, config } = session.global
  const folder = join('certs.d', canonicalServer(server), 'ca.crt')
  const places = tlscacert
    ? [tlscacert]
    : [join(configDirectory(session.env, config), folder), join('/etc/docker', folder)]
  for (const place of places) {
    const pem = await readFile(place, 'utf8').catch(() => undefined)
    if (pem !== undefined) return pem
  }
  if (tlscacert) throw new Exit(1, `could not read certificate file ${tlscacert}`)
  return undefined
}

/** Who is logged in there, as docker keeps it. */
export const credentialsFor = async (
  session: Session,
  server: string,
): Promise<{ readonly username: string; readonly password: string } | undefined> => {
  const stored = await findCredentials(await session.config(), canonicalServer(server))
  const { username, password } = stored ?? {}
  return username && password ? { username, password } : undefined
}

/**
 * A client of a registry's hub, for who is logged in there (`slipway login`); `given` instead of what is stored, and null: for
 * nobody yet.
 */
export const openHub = async (
  session: Session,
  named: string | undefined,
  given?: HubCredentials | null,
): Promise<HubClient> => {
  const server = named ?? (await chosenHub(session))
  const credentials = given === undefined ? await credentialsFor(session, server) : (given ?? undefined)
  const ca = await readCa(session, server)
  return new HubClient({
    url: urlOf(server),
    userAgent: `Slipway-Client/${clientVersion} (linux)`,
    ...(credentials === undefined ? {} : { credentials }),
    ...(ca === undefined ? {} : { ca }),
  })
}

/** Does something with a hub; who isn't logged in is told how to. */
export const withHub = async <T>(
  session: Session,
  server: string | undefined,
  act: (hub: HubClient) => Promise<T>,
): Promise<T> => {
  await using hub = await openHub(session, server)
  try {
    return await act(hub)
  } catch (error) {
    if (!hasCode(error, 'unauthenticated')) throw error
    throw new Exit(1, `${errorText(error)}\n\nLog in with: slipway hub login ${hub.url.replace(/^https?:\/\//, '')}`)
  }
}
