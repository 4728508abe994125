import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { SlipwayError } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'
import { streamTypeOf } from '../attach.ts'
import { frame } from '../attach-client.ts'
import { type ContainerRoom, pathsOf } from '../room.ts'
import { flag, logQuery } from './query.ts'
import { readLog } from './read.ts'

/** `GET /containers/{id}/logs` */
export const sendLogs = async (room: ContainerRoom, request: ApiRequest, response: ServerResponse): Promise<void> => {
  const record = room.records.find(request.params['id'] ?? '')
  const query = logQuery(request.query, request.signal)
  const { config, hostConfig } = record.definition
  if (hostConfig.LogConfig?.Type === 'none') {
    throw new SlipwayError('unsupported', 'configured logging driver does not support reading')
  }
  const terminal = config.Tty ?? false
  const withTimes = flag(request.query, 'timestamps')
  response.writeHead(200, { 'Content-Type': streamTypeOf(terminal, request.version) })
  response.flushHeaders()
  const running = room.running.get(record.id)
  const live = running?.log ? { log: running.log, closed: running.logClosed.signal } : undefined
  for await (const { stream, log, time } of readLog(pathsOf(room, record.id).log, query, live)) {
    const bytes = Buffer.from(withTimes ? `${time} ${log}` : log)
    if (!response.write(terminal ? bytes : frame(stream, bytes))) {
      await once(response, 'drain', { signal: request.signal }).catch(() => undefined)
    }
    if (request.signal.aborted) break
  }
  response.end()
}
