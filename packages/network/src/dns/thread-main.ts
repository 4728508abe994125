/** The name server's thread: it alone opens sockets inside containers. See `NameService`. */
import { parentPort } from 'node:worker_threads'
import { messageOf } from '@slipway/core'
import { Answerer, type Client } from './answer.ts'
import { type Listener, listenIn } from './listen.ts'
import { redirectIn } from './redirect.ts'
import type { NameCommand, NameReply, ServeRequest } from './service.ts'
import { Zone } from './zone.ts'

const zone = new Zone()
const answerer = new Answerer(zone)

interface Served {
  client: Client
  listener: Listener | undefined
}

const served = new Map<string, Served>()

const clientOf = ({ view, servers }: ServeRequest): Client => ({ view, servers, pending: 0 })

const stop = (containerId: string): void => {
  served.get(containerId)?.listener?.[Symbol.dispose]()
  served.delete(containerId)
}

const serve = async (request: ServeRequest): Promise<void> => {
  const { containerId, netns } = request
  const before = served.get(containerId)
  if (before !== undefined) {
    before.client = clientOf(request)
    return
  }
  const one: Served = { client: clientOf(request), listener: undefined }
  served.set(containerId, one)
  try {
    const listener = await listenIn(netns, (message, stream) => answerer.answer(one.client, message, stream))
    one.listener = listener
    await redirectIn(netns, listener)
    // It may have been stopped meanwhile.
    if (served.get(containerId) !== one) listener[Symbol.dispose]()
  } catch (error) {
    one.listener?.[Symbol.dispose]()
    if (served.get(containerId) === one) served.delete(containerId)
    throw error
  }
}

const reply = (message: NameReply): void => parentPort?.postMessage(message)

const obey = (command: NameCommand): void => {
  if (command.do === 'announce') zone.announce(command.announcement)
  else if (command.do === 'withdraw') zone.withdraw(command.networkId, command.containerId)
  else if (command.do === 'stop') stop(command.containerId)
  else {
    serve(command.request).then(
      () => reply({ id: command.id }),
      (error: unknown) => reply({ id: command.id, problem: messageOf(error) }),
    )
  }
}

parentPort?.on('message', obey)
reply({ id: 0 })
