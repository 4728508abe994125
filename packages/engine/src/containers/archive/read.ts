import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import type { PathStat } from '@slipway/client'
import { type ApiRequest, sendEmpty } from '@slipway/http'
import { packDirectory } from '@slipway/store'
import { type ContainerRoom, pathsOf, publishContainerEvent } from '../room.ts'
import { askedFile } from './path.ts'
import { pathStat } from './path-stat.ts'
import { withRoot } from './root.ts'

const statHeader = (stat: PathStat): Record<string, string> => ({
  'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64'),
})

/** `HEAD /containers/{id}/archive`: what is at a path. */
export const sendPathStat = async (
  room: ContainerRoom,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const { path, record, missing } = askedFile(room, request)
  const stat = await withRoot(room, record.id, async (root) => pathStat(root, path))
  if (stat === undefined) throw missing()
  sendEmpty(response, 200, statHeader(stat))
}

/** `GET /containers/{id}/archive`: a tar of what is at a path, called by its last name. */
export const sendArchive = async (
  room: ContainerRoom,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const { path, record, missing } = askedFile(room, request)
  await withRoot(room, record.id, async (root) => {
    const stat = pathStat(root, path)
    if (stat === undefined) throw missing()
    // Seen from inside, `/` holds /proc and /sys as well.
    const from = path === '/' || path === '/.' ? pathsOf(room, record.id).rootfs : root
    response.writeHead(200, { 'Content-Type': 'application/x-tar', ...statHeader(stat) })
    const tar = packDirectory(from, path, { as: stat.name, signal: request.signal })
    publishContainerEvent(room, record, 'archive-path')
    await pipeline(tar, response)
  })
}

/** `GET /containers/{id}/export`: its whole file system, without what is mounted in it. */
export const sendExport = async (
  room: ContainerRoom,
  { params, signal }: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const record = room.records.find(params['id'] ?? '')
  await withRoot(room, record.id, async () => {
    response.writeHead(200, { 'Content-Type': 'application/octet-stream' })
    response.flushHeaders()
    publishContainerEvent(room, record, 'export')
    await pipeline(packDirectory(pathsOf(room, record.id).rootfs, '/', { as: '', signal }), response)
  })
}
