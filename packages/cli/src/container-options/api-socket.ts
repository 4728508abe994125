import {
  type AuthConfig,
  type ContainerCreateBody,
  type EngineClient,
  packTexts,
  writeContainerPath,
} from '@slipway/client'
import type { Session } from '../command.ts'
import { allCredentials } from '../config/credentials.ts'
import { engineHost } from '../connect.ts'
import { Exit } from '../exit.ts'

/** Where every client looks for an engine. */
const socket = '/var/run/docker.sock'
/** In the container, for the logins; docker's place. */
const directory = '/run/secrets/docker'
const variable = 'DOCKER_CONFIG'

const entryOf = ({ username = '', password = '', identitytoken }: AuthConfig) =>
  identitytoken === undefined
    ? { auth: Buffer.from(`${username}:${password}`).toString('base64') }
    : { auth: Buffer.from(`${username}:`).toString('base64'), identitytoken }

/** `--use-api-socket`: what the container gets of its engine, and of who makes it. */
export interface ApiSocket {
  readonly body: ContainerCreateBody
  /** Once it is made: puts the logins into it, unless it has been told of others. */
  readonly lend: (client: EngineClient, id: string) => Promise<void>
}

/** Throws Exit (`failed`) where the engine isn't reached through a unix socket. */
export const withApiSocket = async (
  session: Session,
  body: ContainerCreateBody,
  { failed }: { readonly failed: number },
): Promise<ApiSocket> => {
  const host = await engineHost(session)
  if (!host.startsWith('unix://')) {
    const why = `docker endpoint ${host} incompatible`
    throw new Exit(failed, `flag --use-api-socket can only be used with unix sockets: ${why}`)
  }
  const logins = await allCredentials(await session.config())
  const isTold = (body.Env ?? []).some((entry) => entry.split('=')[0] === variable)
  const isLent = !isTold && Object.keys(logins).length > 0
  const Mounts = [...(body.HostConfig?.Mounts ?? []), { Type: 'bind' as const, Source: host.slice(7), Target: socket }]
  return {
    body: {
      ...body,
      ...(isLent ? { Env: [...(body.Env ?? []), `${variable}=${directory}`] } : {}),
      HostConfig: { ...body.HostConfig, Mounts },
    },
    lend: async (client, id) => {
      if (!isLent) return
      const auths = Object.fromEntries(Object.entries(logins).map(([server, auth]) => [server, entryOf(auth)]))
      const text = JSON.stringify({ auths }, null, '\t')
      await writeContainerPath(client, id, '/', packTexts({ [`${directory.slice(1)}/config.json`]: text }))
    },
  }
}
