import type { ServerResponse } from 'node:http'
import { conflict, invalid } from '@slipway/core'
import { type ApiRequest, hijack, readBody } from '@slipway/http'
import { atLeast } from '../api-version.ts'
import { defaultDetachKeys, frame, joinStreams, parseDetachKeys } from './attach-client.ts'
import { flag, logQuery } from './logs/query.ts'
import { readLog } from './logs/read.ts'
import { isUp } from './records.ts'
import { type ContainerRoom, pathsOf, streamsOf } from './room.ts'

export const detachKeysOf = (text: string | null | undefined): readonly number[] => {
  if (!text) return defaultDetachKeys
  const keys = parseDetachKeys(text)
  if (keys === undefined) throw invalid(`Invalid detach keys (${text}) provided`)
  return keys
}

/** The type of a stream of output: clients from 1.42 on are told whether it is framed. */
export const streamTypeOf = (terminal: boolean, version: string | undefined): string =>
  terminal || !atLeast(version, '1.42')
    ? 'application/vnd.docker.raw-stream'
    : 'application/vnd.docker.multiplexed-stream'

const longestBody = 64 * 1024

/** `POST /containers/{id}/attach`: before the start as well, which is how `docker run` does it. */
export const attachContainer = async (
  room: ContainerRoom,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const { query } = request
  const record = room.records.find(request.params['id'] ?? '')
  const { Tty: terminal = false, OpenStdin = false, StdinOnce = false } = record.definition.config
  if (record.state.status === 'paused') {
    throw conflict(`Container ${record.id} is paused. Unpause the container before attach.`)
  }
  const detachKeys = detachKeysOf(query.get('detachKeys'))
  const wants = {
    stdin: flag(query, 'stdin') && OpenStdin,
    stdout: flag(query, 'stdout'),
    stderr: flag(query, 'stderr'),
  }
  // dockerode says in a body what its query says too: that isn't stdin.
  await readBody(request, { limit: longestBody })
  const socket = hijack(request, response, { contentType: streamTypeOf(terminal, request.version) })
  if (flag(query, 'logs')) {
    const past = logQuery(new URLSearchParams({ stdout: '1', stderr: '1' }), request.signal)
    for await (const { stream, log } of readLog(pathsOf(room, record.id).log, past, undefined)) {
      const bytes = Buffer.from(log)
      socket.write(terminal ? bytes : frame(stream, bytes))
    }
  }
  if (!flag(query, 'stream') || (!isUp(record) && record.state.status !== 'created' && flag(query, 'logs'))) {
    socket.end()
    return
  }
  await joinStreams(socket, streamsOf(room, record.id), { ...wants, terminal, closeStdin: StdinOnce, detachKeys })
}
