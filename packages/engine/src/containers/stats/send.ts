import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerStats } from '@slipway/client'
import { type ApiRequest, JsonStream, sendJson } from '@slipway/http'
import { flag } from '../logs/query.ts'
import { isUp } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { takeSample } from './sample.ts'

const interval = 1000

/** One sample; two, a second apart, unless the client says that it doesn't need the CPU's counters from before. */
const sampleOnce = async (room: ContainerRoom, id: string, request: ApiRequest): Promise<ContainerStats> => {
  const first = await takeSample(room, room.records.find(id), undefined)
  if (flag(request.query, 'one-shot') || !isUp(room.records.find(id))) return first
  await delay(interval, undefined, { signal: request.signal })
  return takeSample(room, room.records.find(id), first)
}

/** `GET /containers/{id}/stats`: a sample each second until the client goes or the container is removed, or only one. */
export const sendStats = async (room: ContainerRoom, request: ApiRequest, response: ServerResponse): Promise<void> => {
  const { params, query, signal } = request
  const { id } = room.records.find(params['id'] ?? '')
  if (query.has('stream') && !flag(query, 'stream')) {
    sendJson(response, 200, await sampleOnce(room, id, request))
    return
  }
  const stream = new JsonStream(response, { separator: '\n' })
  stream.open()
  let before: ContainerStats | undefined
  for (let record = room.records.get(id); record !== undefined && !signal.aborted; record = room.records.get(id)) {
    before = await takeSample(room, record, before)
    await stream.send(before, signal)
    await delay(interval, undefined, { signal }).catch(() => undefined)
  }
  stream.end()
}
