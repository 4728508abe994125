import { randomBytes } from 'node:crypto'
import { GrpcClient, type Methods, serveGrpc } from '@slipway/buildkit/client'
import type { EngineClient } from '@slipway/client'

/** A name that nobody else has, in the letters that BuildKit's clients use. */
export const newName = (): string =>
  BigInt(`0x${randomBytes(16).toString('hex')}`)
    .toString(36)
    .padStart(25, '0')
    .slice(-25)

/** BuildKit's API of an engine. An error may have a whole Dockerfile in it. */
export const openBuildKit = async (client: EngineClient, signal?: AbortSignal): Promise<GrpcClient> =>
  new GrpcClient(await client.hijack({ path: '/grpc', signal }, 'h2c'), { mostHeaderBytes: 16 << 20 })

export interface SessionOptions {
  /** What the daemon may ask for. */
  readonly offered: Methods
  /** The same for all sessions that offer the same files: what was sent once isn't sent again. */
  readonly sharedKey: string
}

/** The connection on which we serve the daemon; open until it is disposed of. */
export const openSession = async (
  client: EngineClient,
  { offered, sharedKey }: SessionOptions,
): Promise<Disposable & { readonly id: string }> => {
  const id = newName()
  const headers = {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Sharedkey': sharedKey,
    'X-Docker-Expose-Session-Grpc-Method': Object.keys(offered),
  }
  const socket = await client.hijack({ path: '/session', headers }, 'h2c')
  socket.on('error', () => undefined)
  serveGrpc(socket, offered).catch(() => undefined)
  return { id, [Symbol.dispose]: () => socket.destroy() }
}
