import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ApiRequest } from './route.ts'

const httpListeners = ['data', 'end', 'error', 'drain', 'timeout', 'readable', 'resume', 'pause'] as const

/** Takes the socket away from Node's HTTP parser, as though the client had asked for an upgrade. */
const takeSocket = (response: ServerResponse): Duplex => {
  const { socket } = response
  if (socket === null) throw new Error('the connection is gone')
  // Listening for data makes Node take the bytes back from its native parser; then its own listeners can go.
  socket.on('data', () => undefined)
  response.detachSocket(socket)
  for (const event of httpListeners) socket.removeAllListeners(event)
  socket.setTimeout(0)
  socket.pause()
  return socket
}

/**
 * Ends the HTTP conversation and gives the raw connection (attach, exec, BuildKit's sessions). With `Upgrade: <protocol>`
 * the client gets `101 UPGRADED`, without it a `200 OK` of no length, as dockerd does. Either side can be closed on its own:
 * the client's end of stdin doesn't end the output.
 */
export const hijack = (
  request: ApiRequest,
  response: ServerResponse,
  options: { readonly contentType: string },
): Duplex => {
  const protocol = request.raw.headers.upgrade
  const socket = request.upgraded?.socket ?? takeSocket(response)
  socket.on('error', () => socket.destroy())
  const headers = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}\r\n`)
  const head =
    request.upgraded && protocol
      ? `HTTP/1.1 101 UPGRADED\r\nContent-Type: ${options.contentType}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n`
      : `HTTP/1.1 200 OK\r\nContent-Type: ${options.contentType}\r\n`
  socket.write(`${head}${headers.join('')}\r\n`)
  return socket
}
