import type { ServerResponse } from 'node:http'
import { posix } from 'node:path'
import { hasCode, hasErrno, invalid } from '@slipway/core'
import { type ApiRequest, sendEmpty } from '@slipway/http'
import { resolveUser } from '@slipway/runtime'
import { unpackInto } from '@slipway/store'
import { flag } from '../logs/query.ts'
import { mountsOf } from '../mounts/chosen.ts'
import type { ContainerDefinition } from '../records.ts'
import { type ContainerRoom, publishContainerEvent } from '../room.ts'
import { askedFile } from './path.ts'
import { resolveInRoot, statInRoot } from './path-stat.ts'
import { withRoot } from './root.ts'

const isWithin = (path: string, directory: string): boolean =>
  directory === '/' || path === directory || path.startsWith(`${directory}/`)

/** Throws invalid, in docker's words, where the container itself couldn't write either. `path` is without symlinks. */
export const assertWritable = (definition: Pick<ContainerDefinition, 'hostConfig' | 'mounts'>, path: string): void => {
  const { hostConfig: host } = definition
  const mounts = [
    ...mountsOf(definition).map(({ destination, readonly }) => ({ at: destination, writable: !readonly })),
    ...Object.entries(host.Tmpfs ?? {}).map(([at, options]) => ({ at, writable: !options.split(',').includes('ro') })),
  ]
  const [mount] = mounts
    .filter(({ at }) => isWithin(path, posix.normalize(at)))
    .sort((a, b) => b.at.length - a.at.length)
  if (mount === undefined && host.ReadonlyRootfs) throw invalid('container rootfs is marked read-only')
  if (mount?.writable === false) throw invalid('mounted volume is marked read-only')
}

/**
 * `PUT /containers/{id}/archive`: unpacks a tar, compressed or not, in a directory of the container. Its files get the owners
 * that the tar names, or the user asked for.
 */
export const receiveArchive = async (
  room: ContainerRoom,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const { query, raw, signal } = request
  const { path, record, missing } = askedFile(room, request)
  const { config } = record.definition
  await withRoot(room, record.id, async (root) => {
    const target = resolveInRoot(root, path)
    const stats = statInRoot(root, target)
    if (stats === undefined) throw missing()
    if (!stats.isDirectory()) throw invalid('extraction point is not a directory')
    assertWritable(record.definition, target)
    // `user` is our own; docker has a switch for the user that the container runs as.
    const user = query.get('user') || (flag(query, 'copyUIDGID') && config.User)
    const owner = user ? resolveUser(root, { spec: user }) : undefined
    const keepKinds = flag(query, 'noOverwriteDirNonDir')
    await unpackInto(root, target, raw, { keepKinds, signal, ...(owner ? { owner } : {}) }).catch(explain)
  })
  publishContainerEvent(room, record, 'extract-to-dir')
  sendEmpty(response, 200)
}

const explain = (error: unknown): never => {
  if (hasCode(error, 'conflict')) throw invalid(error.message, error)
  if (hasErrno(error, 'EROFS')) throw invalid('mounted volume is marked read-only', error)
  throw error
}
