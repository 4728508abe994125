import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Call, Incoming, Methods } from '../grpc/method.ts'
import { unary } from '../grpc/method.ts'
import { GrpcError, grpcCode } from '../grpc/status.ts'
import { checkAgentRequest, sessionMethods } from '../messages/session.ts'
import { empty } from '../messages/wellknown.ts'
import { bytesMessage } from '../messages/worker.ts'

/** Opens a connection to an SSH agent: a socket's, or one of our own that holds keys. */
export type OpenAgent = () => Duplex

/** The agent that listens on a socket. */
export const agentAt =
  (path: string): OpenAgent =>
  (): Socket =>
    connect(path)

async function* forward(agent: Duplex, messages: Incoming, { signal }: Call): AsyncGenerator<Uint8Array> {
  const giveUp = (): void => void agent.destroy()
  signal.addEventListener('abort', giveUp, { once: true })
  const toAgent = async (): Promise<void> => {
    for await (const message of messages) {
      const { data } = bytesMessage.decode(message)
      if (data.length > 0 && !agent.write(data)) await once(agent, 'drain', { signal })
    }
    agent.end()
  }
  toAgent().catch(giveUp)
  try {
    for await (const data of agent as AsyncIterable<Buffer>) yield bytesMessage.encode({ data })
  } finally {
    signal.removeEventListener('abort', giveUp)
    giveUp()
  }
}

/** Offers SSH agents by their ids; no id is `default`. */
export const offerAgents = (agents: ReadonlyMap<string, OpenAgent>): Methods => {
  const find = (id: string): OpenAgent => {
    const open = agents.get(id || 'default')
    if (open === undefined) throw new GrpcError(grpcCode.unknown, `unset ssh forward key ${id || 'default'}`)
    return open
  }
  return {
    [sessionMethods.checkAgent]: unary(checkAgentRequest, empty, async ({ id }) => {
      find(id)
      return {}
    }),
    [sessionMethods.forwardAgent]: (messages, call) =>
      forward(find(call.metadata['buildkit.ssh.id']?.[0] ?? '')(), messages, call),
  }
}
