import { closeSync } from 'node:fs'
import { kernel } from '../kernel/calls.ts'
import { check, failedWith, systemError } from '../kernel/error.ts'
import {
  decodeMessages,
  decodeRefusal,
  encodeMessage,
  type Message,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './message.ts'

const AF_NETLINK = 16
const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2000000
const NETLINK_ROUTE = 0
export const NETLINK_NETFILTER = 12
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12

/** The kernel answers during send(2), so no answer after this long is a fault, not slowness. */
const timeoutSeconds = 10n
/** Dumps come in pieces of at most 32 KiB (netlink_dump()). */
const receiveLength = 65536
/** A dump during which something changed is asked for again. */
const dumpAttempts = 8

export interface Request {
  /** RTM_* */
  readonly type: number
  readonly flags?: number
  readonly payload: Buffer
}

/** What a request is called in an error: the operation and its object. */
export interface Subject {
  readonly action: string
  readonly name?: string
}

/** Requests that the kernel grants all or none of (nfnetlink). */
export interface Transaction {
  readonly begin: Request
  readonly changes: readonly Request[]
  readonly end: Request
}

interface Answer {
  readonly messages: readonly Message[]
  /** Something changed while the list was made. */
  readonly interrupted: boolean
}

/**
 * A conversation with the kernel's routing side, in the network namespace that the thread is in when the socket is
 * opened, wherever the thread goes later. Synchronous: a request takes 20 to 200 µs, but one that waits for other users
 * of the kernel's lock can take longer, so busy programs use NetworkThread.
 */
export class RouteSocket implements Disposable {
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafeSlow(receiveLength)
  #sequence = 0
  #closed = false

  /** `protocol`: whom of the kernel to speak to. */
  constructor(protocol = NETLINK_ROUTE) {
    this.#fd = check(kernel.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'socket')
    try {
      this.#prepare()
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  #prepare(): void {
    const one = Buffer.of(1, 0, 0, 0)
    for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
      check(kernel.setsockopt(this.#fd, SOL_NETLINK, option, one, one.length), 'setsockopt')
    }
    const timeout = Buffer.alloc(16)
    timeout.writeBigInt64LE(timeoutSeconds, 0)
    check(kernel.setsockopt(this.#fd, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length), 'setsockopt')
    // struct sockaddr_nl with port 0, the kernel: a connected socket takes messages from nobody else.
    const peer = Buffer.alloc(12)
    peer.writeUInt16LE(AF_NETLINK, 0)
    check(kernel.connect(this.#fd, peer, peer.length), 'connect')
  }

  /** Asks for a change and waits until it is made. Throws what the kernel answers, with its own words. */
  change(request: Request, subject: Subject): void {
    this.#collect(request, NLM_F_ACK, subject)
  }

  /**
   * The same, with one of libuv's pool threads doing the waiting. One at a time on one socket. In whatever namespace the
   * pool thread is, the change is made in the socket's.
   */
  async changeAside(request: Request, subject: Subject): Promise<void> {
    const sent = this.#encode(request, NLM_F_ACK)
    check(await kernel.sendto.aside(this.#fd, sent, sent.length, 0, null, 0), subject.action, subject.name)
    this.#answer(subject)
  }

  /**
   * Asks for several changes, and waits until all are made. Throws what the kernel says of the first that it refuses: none is.
   */
  changeTogether({ begin, changes, end }: Transaction, { action, name }: Subject): void {
    const first = this.#sequence + 1
    const encoded = [
      this.#encode(begin, 0),
      ...changes.map((request) => this.#encode(request, NLM_F_ACK)),
      this.#encode(end, 0),
    ]
    const sent = Buffer.concat(encoded)
    check(kernel.sendto(this.#fd, sent, sent.length, 0, null, 0), action, name)
    for (let granted = 0; granted < changes.length; ) {
      for (const message of decodeMessages(this.#receive(action))) {
        if (message.sequence < first || message.type !== NLMSG_ERROR) continue
        const { errno, reason } = decodeRefusal(message)
        if (errno !== 0) throw systemError(errno, action, name, reason)
        granted += 1
      }
    }
  }

  /** Asks for one thing. */
  get(request: Request, subject: Subject): Message {
    const [message] = this.#collect(request, NLM_F_ACK, subject).messages
    if (message === undefined) throw new Error(`${subject.action}: the kernel acknowledged but did not answer`)
    return message
  }

  /** Asks for a list. */
  dump(request: Request, subject: Subject): readonly Message[] {
    for (let attempt = 1; ; attempt++) {
      const { messages, interrupted } = this.#collect(request, NLM_F_DUMP, subject)
      if (!interrupted || attempt === dumpAttempts) return messages
    }
  }

  #collect(request: Request, flags: number, subject: Subject): Answer {
    const sent = this.#encode(request, flags)
    check(kernel.sendto(this.#fd, sent, sent.length, 0, null, 0), subject.action, subject.name)
    return this.#answer(subject)
  }

  #encode(request: Request, flags: number): Buffer {
    this.#sequence++
    return encodeMessage({
      ...request,
      flags: NLM_F_REQUEST | flags | (request.flags ?? 0),
      sequence: this.#sequence,
    })
  }

  /** What came for the last request, to the acknowledgement or the end of the list. */
  #answer({ action, name }: Subject): Answer {
    const messages: Message[] = []
    let interrupted = false
    for (;;) {
      for (const message of decodeMessages(this.#receive(action))) {
        // An answer to a request that was given up.
        if (message.sequence !== this.#sequence) continue
        interrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0
        if (message.type === NLMSG_DONE) return { messages, interrupted }
        if (message.type === NLMSG_ERROR) {
          const { errno, reason } = decodeRefusal(message)
          if (errno === 0) return { messages, interrupted }
          throw systemError(errno, action, name, reason)
        }
        messages.push({ ...message, payload: Buffer.from(message.payload) })
      }
    }
  }

  #receive(action: string): Buffer {
    for (;;) {
      const length = kernel.recvfrom(this.#fd, this.#buffer, this.#buffer.length, 0, null, null)
      if (failedWith(length, 'EINTR')) continue
      return this.#buffer.subarray(0, check(length, action))
    }
  }

  [Symbol.dispose](): void {
    if (this.#closed) return
    this.#closed = true
    closeSync(this.#fd)
  }
}
