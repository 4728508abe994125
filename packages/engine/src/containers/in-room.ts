import type { ServerResponse } from 'node:http'
import type { ApiRequest, Route } from '@slipway/http'
import type { ContainerRoom } from './room.ts'

/** A route's handler, of one that is given the containers' room and answers by itself. */
export const inRoom =
  (
    answer: (room: ContainerRoom, request: ApiRequest, response: ServerResponse) => Promise<void>,
  ): Route<{ readonly containers: ContainerRoom }>['handle'] =>
  (request, response, { containers }) =>
    answer(containers, request, response)
