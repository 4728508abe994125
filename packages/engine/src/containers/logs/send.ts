import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { SlipwayError } from '@slipway/core'
import type { ApiRequest } from '@slipway/http'
import { streamTypeOf } from '../attach.ts'
import type { ContainerRecord } from '../records.ts'
import type { ContainerRoom } from '../room.ts'
import { frame } from '../send-output.ts'
import { detailsOf } from './attributes.ts'
import { keptLogOf } from './open.ts'
import { flag, logQuery } from './query.ts'
import { readLog } from './read.ts'

/** What `details` puts before a line: `a=b,c=d `, by name, escaped as in a query. */
const detailsText = (record: ContainerRecord): string => {
  const details = Object.entries(detailsOf(record, record.definition.hostConfig.LogConfig?.Config ?? {}))
  const escaped = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)
  return `${details
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
    .join(',')} `
}

/** `GET /containers/{id}/logs` */
export const sendLogs = async (room: ContainerRoom, request: ApiRequest, response: ServerResponse): Promise<void> => {
  const record = room.records.find(request.params['id'] ?? '')
  const query = logQuery(request.query, request.signal)
  const kept = keptLogOf(room, record)
  if (kept === undefined) {
    throw new SlipwayError('unsupported', 'configured logging driver does not support reading')
  }
  const terminal = record.definition.config.Tty ?? false
  const withTimes = flag(request.query, 'timestamps')
  const details = flag(request.query, 'details') ? detailsText(record) : ''
  response.writeHead(200, { 'Content-Type': streamTypeOf(terminal, request.version) })
  response.flushHeaders()
  const running = room.running.get(record.id)
  const live = running?.log ? { log: running.log, closed: running.logClosed.signal } : undefined
  for await (const { stream, log, time } of readLog(kept, query, live)) {
    const bytes = Buffer.from(`${withTimes ? `${time} ` : ''}${details}${log}`)
    if (!response.write(terminal ? bytes : frame(stream, bytes))) {
      await once(response, 'drain', { signal: request.signal }).catch(() => undefined)
    }
    if (request.signal.aborted) break
  }
  response.end()
}
