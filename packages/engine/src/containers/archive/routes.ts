import type { Route } from '@slipway/http'
import type { ContainerRoom } from '../room.ts'
import { sendListing } from './list.ts'
import { sendArchive, sendExport, sendPathStat } from './read.ts'
import { receiveArchive } from './write.ts'

interface Deps {
  readonly containers: ContainerRoom
}

export const archiveRoutes: readonly Route<Deps>[] = [
  {
    method: 'HEAD',
    path: '/containers/{id}/archive',
    handle: (request, response, { containers }) => sendPathStat(containers, request, response),
  },
  {
    method: 'GET',
    path: '/containers/{id}/archive',
    handle: (request, response, { containers }) => sendArchive(containers, request, response),
  },
  {
    method: 'PUT',
    path: '/containers/{id}/archive',
    handle: (request, response, { containers }) => receiveArchive(containers, request, response),
  },
  {
    method: 'GET',
    path: '/containers/{id}/files',
    handle: (request, response, { containers }) => sendListing(containers, request, response),
  },
  {
    method: 'GET',
    path: '/containers/{id}/export',
    handle: (request, response, { containers }) => sendExport(containers, request, response),
  },
]
