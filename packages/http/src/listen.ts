import { chmod, chown, mkdir, unlink } from 'node:fs/promises'
import { connect, type Server, type Socket } from 'node:net'
import { dirname } from 'node:path'
import { conflict, hasErrno } from '@slipway/core'

export type Listen =
  | { readonly kind: 'unix'; readonly path: string; readonly mode?: number; readonly gid?: number }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }

const opened = (server: Server, where: { path: string } | { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(where, () => {
      server.off('error', reject)
      resolve()
    })
  })

const someoneAnswers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path, () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })

/** Only its owner (and group) may connect: whoever reaches an engine's socket is root. */
const listenOnPath = async (
  server: Server,
  { path, mode = 0o660, gid = 0 }: Listen & { kind: 'unix' },
): Promise<void> => {
  await mkdir(dirname(path), { recursive: true })
  if (await someoneAnswers(path)) throw conflict(`another process is listening on ${path}`)
  await unlink(path).catch((error) => {
    if (!hasErrno(error, 'ENOENT')) throw error
  })
  const before = process.umask(0o177)
  try {
    await opened(server, { path })
  } finally {
    process.umask(before)
  }
  await chown(path, 0, gid).catch(() => undefined)
  await chmod(path, mode)
}

/** Also of connections that have left HTTP, which a server itself knows nothing of. */
const connections = new WeakMap<Server, Set<Socket>>()

const watchConnections = (server: Server): void => {
  const open = new Set<Socket>()
  connections.set(server, open)
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
}

/** Starts listening; a socket file that a dead process left is replaced. Throws conflict when the address is taken. */
export const listen = async (server: Server, where: Listen): Promise<void> => {
  watchConnections(server)
  try {
    if (where.kind === 'unix') await listenOnPath(server, where)
    else await opened(server, { host: where.host, port: where.port })
  } catch (error) {
    if (!hasErrno(error, 'EADDRINUSE')) throw error
    const address = where.kind === 'unix' ? where.path : `${where.host}:${where.port}`
    throw conflict(`listen on ${address}: address already in use`)
  }
}

/** Stops accepting, and cuts what is still open after `graceMs` (default 1 s). */
export const closeServer = async (server: Server, graceMs = 1000): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const timer = setTimeout(() => {
    for (const socket of connections.get(server) ?? []) socket.destroy()
  }, graceMs)
  await closed
  clearTimeout(timer)
}
