import type { IncomingMessage } from 'node:http'
import { hasCode, SlipwayError } from '@slipway/core'
import type { EngineClient } from '../connection/engine-client.ts'
import type { PathStat } from '../wire/path-stat.ts'

const at = (id: string): string => `/containers/${encodeURIComponent(id)}/archive`

const readStat = ({ headers }: IncomingMessage): PathStat => {
  const text = headers['x-docker-container-path-stat']
  if (typeof text !== 'string') throw new SlipwayError('invalid', 'the engine did not say what is at the path')
  return JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as PathStat
}

/** What is at a path of a container; undefined when there is nothing. Throws not-found without the container. */
export const statContainerPath = async (
  client: EngineClient,
  id: string,
  path: string,
): Promise<PathStat | undefined> => {
  try {
    const response = await client.request({ method: 'HEAD', path: at(id), query: { path } })
    response.resume()
    return readStat(response)
  } catch (error) {
    // An answer to HEAD has no text: which of the two is missing, the container or the file, is asked for by the caller.
    if (hasCode(error, 'not-found')) return undefined
    throw error
  }
}

/** A tar of what is at a path of a container, called by its last name, and what it is. */
export const readContainerPath = async (
  client: EngineClient,
  id: string,
  path: string,
): Promise<{ readonly stat: PathStat; readonly tar: IncomingMessage }> => {
  const tar = await client.request({ path: at(id), query: { path } })
  return { stat: readStat(tar), tar }
}

export interface WriteOptions {
  /** A directory is not put in the place of what is none, nor the other way round. */
  readonly keepKinds?: boolean
  /** All of it belongs to the user that the container runs as. */
  readonly asUser?: boolean
  /** All of it belongs to this user (`NAME[:GROUP]`), as the container knows it. Only this engine has that. */
  readonly user?: string
}

/** Unpacks a tar in a directory of a container. */
export const writeContainerPath = async (
  client: EngineClient,
  id: string,
  path: string,
  tar: AsyncIterable<Uint8Array>,
  options: WriteOptions = {},
): Promise<void> => {
  const { keepKinds = false, asUser = false, user } = options
  const query = { path, noOverwriteDirNonDir: keepKinds || undefined, copyUIDGID: asUser || undefined, user }
  await client.send({ method: 'PUT', path: at(id), query, body: tar, headers: { 'content-type': 'application/x-tar' } })
}
