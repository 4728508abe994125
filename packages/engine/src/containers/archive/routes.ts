import type { Route } from '@slipway/http'
import { inRoom } from '../in-room.ts'
import type { ContainerRoom } from '../room.ts'
import { sendListing } from './list.ts'
import { sendArchive, sendExport, sendPathStat } from './read.ts'
import { receiveArchive } from './write.ts'

interface Deps {
  readonly containers: ContainerRoom
}

export const archiveRoutes: readonly Route<Deps>[] = [
  { method: 'HEAD', path: '/containers/{id}/archive', handle: inRoom(sendPathStat) },
  { method: 'GET', path: '/containers/{id}/archive', handle: inRoom(sendArchive) },
  { method: 'PUT', path: '/containers/{id}/archive', handle: inRoom(receiveArchive) },
  { method: 'GET', path: '/containers/{id}/files', handle: inRoom(sendListing) },
  { method: 'GET', path: '/containers/{id}/export', handle: inRoom(sendExport) },
]
