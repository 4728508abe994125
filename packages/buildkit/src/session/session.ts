import type { Duplex } from 'node:stream'
import { hasCode, invalid, SlipwayError } from '@slipway/core'
import type { Wire } from '../grpc/bypass.ts'
import { GrpcClient } from '../grpc/client.ts'
import {
  checkAgentRequest,
  credentialsRequest,
  credentialsResponse,
  secretRequest,
  secretResponse,
  sessionMethods,
} from '../messages/session.ts'
import { empty } from '../messages/wellknown.ts'
import { bytesMessage } from '../messages/worker.ts'

/** What a client says of itself when it opens a session (its X-Docker-Expose-Session-… headers). */
export interface SessionFacts {
  readonly id: string
  /** The same for all sessions in which a client offers the same files. */
  readonly sharedKey: string
  readonly methods: readonly string[]
}

/** Throws invalid when they aren't there. `headers`: names in small letters, with all their values. */
export const sessionFacts = (headers: Readonly<Record<string, readonly string[] | undefined>>): SessionFacts => {
  const values = (name: string): readonly string[] => headers[`x-docker-expose-session-${name}`] ?? []
  const [id] = values('uuid')
  if (!id) throw invalid('a session needs X-Docker-Expose-Session-Uuid')
  return { id, sharedKey: values('sharedkey')[0] ?? '', methods: values('grpc-method') }
}

export interface Credentials {
  readonly username: string
  readonly secret: string
}

/** The connection on which a client serves its files, secrets and credentials to the builds it asked for. */
export class ClientSession implements Disposable {
  readonly facts: SessionFacts
  readonly client: GrpcClient
  readonly #methods: ReadonlySet<string>

  constructor(connection: Duplex | Wire, facts: SessionFacts) {
    this.facts = facts
    this.client = new GrpcClient(connection)
    this.#methods = new Set(facts.methods.map((method) => method.toLowerCase()))
  }

  offers(method: string): boolean {
    return this.#methods.has(method.toLowerCase())
  }

  /** undefined: the client has no such secret. */
  async secret(id: string, signal: AbortSignal): Promise<Uint8Array | undefined> {
    if (!this.offers(sessionMethods.getSecret)) return undefined
    try {
      const codecs = { request: secretRequest, response: secretResponse }
      return (await this.client.unary(sessionMethods.getSecret, codecs, { id }, signal)).data
    } catch (error) {
      if (hasCode(error, 'not-found') || hasCode(error, 'unsupported')) return undefined
      throw error
    }
  }

  async hasAgent(id: string, signal: AbortSignal): Promise<boolean> {
    if (!this.offers(sessionMethods.checkAgent)) return false
    try {
      await this.client.unary(
        sessionMethods.checkAgent,
        { request: checkAgentRequest, response: empty },
        { id },
        signal,
      )
      return true
    } catch (error) {
      if (signal.aborted) throw error
      return false
    }
  }

  /** Leads a connection to the client's agent. */
  connectAgent(id: string, socket: Duplex, signal: AbortSignal): void {
    const conversation = this.client.open(sessionMethods.forwardAgent, signal, { 'buildkit.ssh.id': id })
    const toClient = async (): Promise<void> => {
      for await (const data of socket as AsyncIterable<Buffer>) await conversation.send(bytesMessage.encode({ data }))
      conversation.finish()
    }
    const fromClient = async (): Promise<void> => {
      for await (const message of conversation.messages) socket.write(bytesMessage.decode(message).data)
      socket.end()
    }
    const giveUp = (): void => void socket.destroy()
    socket.on('error', giveUp)
    toClient().catch(giveUp)
    fromClient().catch(giveUp)
  }

  /** What to show to a registry; undefined: nothing. */
  async credentials(host: string, signal: AbortSignal): Promise<Credentials | undefined> {
    if (!this.offers(sessionMethods.credentials)) return undefined
    const codecs = { request: credentialsRequest, response: credentialsResponse }
    const found = await this.client.unary(sessionMethods.credentials, codecs, { host }, signal)
    return found.secret === '' ? undefined : found
  }

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]()
  }
}

interface Waiting {
  readonly resolve: (session: ClientSession) => void
}

/** All sessions that are open. A build may name one that is still on its way. */
export class Sessions implements Disposable {
  readonly #open = new Map<string, ClientSession>()
  readonly #waiting = new Map<string, Set<Waiting>>()

  /** Serves a session until its connection ends. */
  add(connection: Duplex | Wire, facts: SessionFacts): ClientSession {
    const session = new ClientSession(connection, facts)
    this.#open.set(facts.id, session)
    session.client.onClose(() => {
      if (this.#open.get(facts.id) === session) this.#open.delete(facts.id)
    })
    for (const { resolve } of this.#waiting.get(facts.id) ?? []) resolve(session)
    this.#waiting.delete(facts.id)
    return session
  }

  /** Waits up to five seconds, as BuildKit does. Throws unavailable. */
  async find(id: string, signal: AbortSignal): Promise<ClientSession> {
    const open = this.#open.get(id)
    if (open !== undefined) return open
    const { promise, resolve, reject } = Promise.withResolvers<ClientSession>()
    const waiting = this.#waiting.get(id) ?? new Set()
    const entry = { resolve }
    this.#waiting.set(id, waiting.add(entry))
    const fail = (): void =>
      reject(new SlipwayError('unavailable', `no active session for ${id}: context deadline exceeded`))
    const limit = AbortSignal.any([signal, AbortSignal.timeout(5000)])
    limit.addEventListener('abort', fail, { once: true })
    try {
      return await promise
    } finally {
      limit.removeEventListener('abort', fail)
      waiting.delete(entry)
      if (waiting.size === 0) this.#waiting.delete(id)
    }
  }

  [Symbol.dispose](): void {
    for (const session of this.#open.values()) session[Symbol.dispose]()
  }
}
