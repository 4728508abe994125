import { isIPv4 } from 'node:net'
import { forward, type Upstream } from './forward.ts'
import { type AnswerRecord, encodeAnswer, encodeFailure, parseQuery, type Query, rcode, recordType } from './message.ts'
import type { Lookup, View, Zone } from './zone.ts'

/** docker's, in seconds. */
const timeToLive = 600
/** RFC 1035 section 4.2.1. */
const datagramLimit = 512
const streamLimit = 65535
const mostForwarded = 1024
const mostForwardedEach = 128

/** One container, as the name server sees it. */
export interface Client {
  readonly view: View
  /** Whom to ask for names that aren't ours; none on internal networks. */
  readonly servers: readonly Upstream[]
  /** Questions of it that others are asked now. */
  pending: number
}

const recordsOf = (found: Lookup): readonly AnswerRecord[] => {
  if (found.kind === 'addresses')
    return found.addresses.map((address) => ({ type: isIPv4(address) ? recordType.A : recordType.AAAA, address }))
  return found.kind === 'name' ? [{ type: recordType.PTR, name: found.name }] : []
}

/** Answers the questions of containers: from the zone, or by asking elsewhere, within bounds. */
export class Answerer {
  readonly #zone: Zone
  #pending = 0

  constructor(zone: Zone) {
    this.#zone = zone
  }

  /** Undefined: no answer is to be sent. */
  async answer(client: Client, message: Buffer, stream: boolean): Promise<Buffer | undefined> {
    const parsed = parseQuery(message)
    if (parsed === undefined) return undefined
    if ('rcode' in parsed) return encodeFailure(message, parsed.rcode)
    const { query } = parsed
    const { name, type } = query
    const found: Lookup = name === undefined ? { kind: 'unknown' } : this.#zone.lookup(client.view, { name, type })
    if (found.kind === 'unknown') return this.#forward(client, message, query, stream)
    const limit = stream ? streamLimit : datagramLimit
    return encodeAnswer(message, query, recordsOf(found), { limit, ttl: timeToLive })
  }

  async #forward(client: Client, message: Buffer, query: Query, stream: boolean): Promise<Buffer> {
    if (client.pending >= mostForwardedEach || this.#pending >= mostForwarded) {
      return encodeFailure(message, rcode.refused, query)
    }
    client.pending += 1
    this.#pending += 1
    try {
      const answer = await forward(message, query, { servers: client.servers, stream })
      return answer ?? encodeFailure(message, rcode.failure, query)
    } finally {
      client.pending -= 1
      this.#pending -= 1
    }
  }
}
