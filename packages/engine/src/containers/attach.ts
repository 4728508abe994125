import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { conflict, invalid } from '@slipway/core'
import { type ApiRequest, acceptWebSocket, hijack, readBody } from '@slipway/http'
import { atLeast } from '../api-version.ts'
import { type AttachOptions, defaultDetachKeys, joinStreams, parseDetachKeys } from './attach-client.ts'
import { keptLogOf } from './logs/open.ts'
import { flag, logQuery } from './logs/query.ts'
import { readLog } from './logs/read.ts'
import { type ContainerRecord, isUp } from './records.ts'
import { type ContainerRoom, publishContainerEvent, streamsOf } from './room.ts'
import { frame } from './send-output.ts'

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

interface Opened {
  readonly socket: Duplex
  readonly framed: boolean
}

/** Which of a container's streams a client wants. */
type Wanted = Pick<AttachOptions, 'stdin' | 'stdout' | 'stderr'>

const onlyTrue = (wanted: Wanted): Record<string, string> =>
  Object.fromEntries(Object.entries(wanted).flatMap(([name, is]) => (is ? [[name, '1']] : [])))

/**
 * Checks the request, has its connection opened, and joins it with the container: what was (`logs`), and what comes (`stream`).
 */
const attach = async (
  room: ContainerRoom,
  request: ApiRequest,
  wanted: Wanted,
  open: (record: ContainerRecord) => Promise<Opened>,
): Promise<void> => {
  const { query } = request
  const record = room.records.find(request.params['id'] ?? '')
  const { Tty: terminal = false, OpenStdin = false, StdinOnce = false } = record.definition.config
  if (record.state.status === 'paused') {
    throw conflict(`container ${request.params['id'] ?? ''} is paused, unpause the container before attach`)
  }
  const detachKeys = detachKeysOf(query.get('detachKeys'))
  const { socket, framed } = await open(record)
  const kept = keptLogOf(room, record)
  if (flag(query, 'logs') && kept !== undefined && (wanted.stdout || wanted.stderr)) {
    const past = logQuery(new URLSearchParams(onlyTrue(wanted)), request.signal)
    for await (const { stream, log } of readLog(kept, past, undefined)) {
      const bytes = Buffer.from(log)
      socket.write(framed ? frame(stream, bytes) : bytes)
    }
  }
  publishContainerEvent(room, record, 'attach')
  if (!flag(query, 'stream') || (!isUp(record) && record.state.status !== 'created' && flag(query, 'logs'))) {
    socket.end()
    return
  }
  const stdin = wanted.stdin && OpenStdin
  const options = { ...wanted, stdin, terminal, framed, closeStdin: StdinOnce, detachKeys }
  const { detached } = await joinStreams(socket, streamsOf(room, record.id), options)
  if (detached) publishContainerEvent(room, room.records.get(record.id) ?? record, 'detach')
}

const wantedOf = ({ query }: ApiRequest): Wanted => ({
  stdin: flag(query, 'stdin'),
  stdout: flag(query, 'stdout'),
  stderr: flag(query, 'stderr'),
})

/** `POST /containers/{id}/attach`: before the start as well, which is how `docker run` does it. */
export const attachContainer = (room: ContainerRoom, request: ApiRequest, response: ServerResponse): Promise<void> =>
  attach(room, request, wantedOf(request), async ({ definition }) => {
    // dockerode says in a body what its query says too: that isn't stdin.
    await readBody(request, { limit: longestBody })
    const terminal = definition.config.Tty ?? false
    const socket = hijack(request, response, { contentType: streamTypeOf(terminal, request.version) })
    return { socket, framed: !terminal }
  })

/** `GET /containers/{id}/attach/ws`: both outputs in one, never framed. Older clients got text, and all three streams. */
export const attachByWebSocket = (
  room: ContainerRoom,
  request: ApiRequest,
  response: ServerResponse,
): Promise<void> => {
  const all = { stdin: true, stdout: true, stderr: true }
  return attach(room, request, atLeast(request.version, '1.42') ? wantedOf(request) : all, async () => {
    const socket = await acceptWebSocket(request, response, { binary: atLeast(request.version, '1.28') })
    return { socket, framed: false }
  })
}
