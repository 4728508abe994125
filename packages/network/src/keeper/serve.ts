import { chmod, rm } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import type { Logger } from '@slipway/core'
import { Holdings } from './holdings.ts'
import { readLines, writeLine } from './lines.ts'
import { describeFailure, type KeeperCommand, type KeeperReply, type KeeperRequest } from './protocol.ts'

export interface KeeperOptions {
  /** Path of the unix socket that the daemon speaks to it through. */
  readonly socket: string
  readonly version: string
  /** How long it waits with nothing to keep before it ends. */
  readonly idleMilliseconds?: number
  /** How long it waits for the first who speaks to it: the daemon that started it may be dead. */
  readonly firstMilliseconds?: number
  readonly logger: Logger
}

const defaultIdle = 10 * 60_000
const defaultFirst = 60_000

/**
 * Keeps ports and names until it is told to quit. Resolves when it has ended: also by itself, when it has nothing to keep
 * and either no daemon speaks to it, or none has for long.
 */
export const serveKeeper = async (options: KeeperOptions): Promise<void> => {
  const { socket: path, version, logger, idleMilliseconds = defaultIdle, firstMilliseconds = defaultFirst } = options
  await using holdings = new Holdings(logger)
  const clients = new Set<Socket>()
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  let idle: NodeJS.Timeout | undefined

  const settle = (): void => {
    clearTimeout(idle)
    if (!holdings.isEmpty) return
    if (clients.size === 0) end()
    else idle = setTimeout(end, idleMilliseconds)
  }

  const obey = async (command: KeeperCommand): Promise<Partial<KeeperReply>> => {
    if (command.do === 'hello') return { version }
    if (command.do !== 'quit') await verbs[command.do](holdings, command as never)
    return {}
  }

  const answer = async (client: Socket, request: KeeperRequest): Promise<void> => {
    try {
      writeLine(client, { id: request.id, ...(await obey(request)) })
    } catch (error) {
      writeLine(client, { id: request.id, failure: describeFailure(error) })
    }
    if (request.do === 'quit') end()
    settle()
  }

  const server = createServer((client) => {
    clients.add(client)
    client.on('error', () => {})
    client.once('close', () => {
      clients.delete(client)
      settle()
    })
    readLines(client, (request) => answer(client, request as KeeperRequest))
  })
  // Who ended without a word left its socket.
  await rm(path, { force: true })
  server.listen(path)
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  await chmod(path, 0o600)
  logger.info({ socket: path, version, pid: process.pid }, 'keeper ready')
  if (clients.size === 0) idle = setTimeout(settle, firstMilliseconds)
  await ended
  clearTimeout(idle)
  // First: who asks from now on is to start another.
  await rm(path, { force: true })
  server.close()
  await holdings[Symbol.asyncDispose]()
  for (const client of clients) client.end()
}

type Verbs = {
  readonly [Name in Exclude<KeeperCommand['do'], 'hello' | 'quit'>]: (
    holdings: Holdings,
    command: Extract<KeeperCommand, { readonly do: Name }>,
  ) => void | Promise<void>
}

const verbs: Verbs = {
  bind: (holdings, command) => holdings.bind(command),
  unbind: (holdings, command) => holdings.unbind(command),
  aim: (holdings, command) => holdings.aim(command),
  announce: (holdings, command) => holdings.announce(command),
  withdraw: (holdings, command) => holdings.withdraw(command),
  serve: (holdings, command) => holdings.serve(command),
  stop: (holdings, command) => holdings.stop(command),
  retain: (holdings, command) => holdings.retain(command),
}
