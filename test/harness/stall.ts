import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A way to a registry on which, after so many bytes in one direction, nothing moves any more. */
export interface StallingProxy extends AsyncDisposable {
  readonly address: string
  /** Resolves when it has let through all that it will. */
  readonly stalled: Promise<void>
}

/** `up`: bytes from the client; `down`: bytes to it. What isn't limited flows freely. */
export const openStallingProxy = async (
  target: string,
  limits: { readonly up?: number; readonly down?: number },
): Promise<StallingProxy> => {
  const [host = '', port] = target.split(':')
  const { promise: stalled, resolve: stall } = Promise.withResolvers<void>()
  const open = new Set<Socket>()
  const left = { up: limits.up ?? Number.POSITIVE_INFINITY, down: limits.down ?? Number.POSITIVE_INFINITY }

  const pump = (from: Socket, to: Socket, direction: 'up' | 'down'): void => {
    from.on('data', (bytes: Buffer) => {
      const passed = bytes.subarray(0, Math.max(0, left[direction]))
      left[direction] -= bytes.length
      if (passed.length > 0) to.write(passed)
      if (left[direction] <= 0) {
        from.pause()
        stall()
      }
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
  const server = createServer((client) => {
    const registry = connect(Number(port), host)
    for (const socket of [client, registry]) {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
    }
    pump(client, registry, 'up')
    pump(registry, client, 'down')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stalled,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
