import { type IpAddress, parseAddress } from '../ipam/cidr.ts'
/**
 * DNS messages (RFC 1035 section 4), as far as a name server needs them that answers for containers and hands on the rest:
 * the header, and the one question. What is handed on is never decoded, so extensions pass through as they are.
 */
export const recordType = { A: 1, PTR: 12, AAAA: 28 } as const
export const rcode = { ok: 0, malformed: 1, failure: 2, unknownName: 3, notImplemented: 4, refused: 5 } as const

const headerLength = 12
const longestName = 255
const IN = 1
const ANY_CLASS = 255
/** The name of an answer: a pointer to the question's. */
const pointerToQuestion = 0xc000 | headerLength

export interface Query {
  readonly id: number
  /** Lower case, without the last dot; undefined when it holds what no container's name does. */
  readonly name: string | undefined
  readonly type: number
  /** Where the question ends: an answer begins with the bytes up to here. */
  readonly end: number
}

export type Parsed = { readonly query: Query } | { readonly rcode: number } | undefined

/** The question's name and where it ends. Undefined when it isn't one: pointers have nothing to point to yet. */
const readName = (message: Buffer): { readonly labels: readonly string[]; readonly end: number } | undefined => {
  const labels: string[] = []
  let at = headerLength
  while (at < message.length && at - headerLength < longestName) {
    const length = message[at] ?? 0
    at += 1
    if (length === 0) return { labels, end: at }
    if (length > 63 || at + length > message.length) return undefined
    labels.push(message.toString('latin1', at, at + length))
    at += length
  }
  return undefined
}

/** Reads a query. An rcode is what to answer to one that can't be served; undefined, what isn't to be answered at all. */
export const parseQuery = (message: Buffer): Parsed => {
  if (message.length < headerLength) return undefined
  const flags = message.readUInt16BE(2)
  // An answer: whoever sends us one wants two servers to talk to each other.
  if ((flags & 0x8000) !== 0) return undefined
  if ((flags & 0x7800) !== 0) return { rcode: rcode.notImplemented }
  if (message.readUInt16BE(4) !== 1) return { rcode: rcode.malformed }
  const name = readName(message)
  if (name === undefined || name.end + 4 > message.length) return { rcode: rcode.malformed }
  const kind = message.readUInt16BE(name.end + 2)
  const isOurs = (kind === IN || kind === ANY_CLASS) && name.labels.every((label) => /^[!-\-/-~]+$/.test(label))
  return {
    query: {
      id: message.readUInt16BE(0),
      name: isOurs ? name.labels.join('.').toLowerCase() : undefined,
      type: message.readUInt16BE(name.end),
      end: name.end + 4,
    },
  }
}

/** QR and RA set, RD as it was. */
const answerFlags = (message: Buffer, code: number, truncated = false): number =>
  0x8080 | (message.readUInt16BE(2) & 0x0100) | (truncated ? 0x0200 : 0) | code

/** An answer without records. The question is repeated where it could be read. */
export const encodeFailure = (message: Buffer, code: number, query?: Query): Buffer => {
  const answer = Buffer.from(message.subarray(0, query?.end ?? headerLength))
  answer.writeUInt16BE(answerFlags(message, code), 2)
  answer.writeUInt16BE(query === undefined ? 0 : 1, 4)
  answer.fill(0, 6, headerLength)
  return answer
}

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => {
      const bytes = Buffer.from(label, 'latin1').subarray(0, 63)
      return Buffer.concat([Buffer.of(bytes.length), bytes])
    }),
    Buffer.of(0),
  ])

export type AnswerRecord =
  | { readonly type: typeof recordType.A | typeof recordType.AAAA; readonly address: string }
  | { readonly type: typeof recordType.PTR; readonly name: string }

const addressBytes = ({ family, value }: IpAddress): Buffer =>
  Buffer.from(value.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex')

const encodeRecord = (record: AnswerRecord, ttl: number): Buffer => {
  const data = 'name' in record ? encodeName(record.name) : addressBytes(parseAddress(record.address))
  const head = Buffer.alloc(12)
  head.writeUInt16BE(pointerToQuestion, 0)
  head.writeUInt16BE(record.type, 2)
  head.writeUInt16BE(IN, 4)
  head.writeUInt32BE(ttl, 6)
  head.writeUInt16BE(data.length, 10)
  return Buffer.concat([head, data])
}

/** An answer of as many records as fit in `limit` bytes; if that isn't all, the client is told to ask again by TCP. */
export const encodeAnswer = (
  message: Buffer,
  { end }: Query,
  records: readonly AnswerRecord[],
  { limit, ttl }: { readonly limit: number; readonly ttl: number },
): Buffer => {
  const parts: Buffer[] = []
  let length = end
  for (const record of records) {
    const bytes = encodeRecord(record, ttl)
    if (length + bytes.length > limit) break
    parts.push(bytes)
    length += bytes.length
  }
  const head = Buffer.from(message.subarray(0, end))
  head.writeUInt16BE(answerFlags(message, rcode.ok, parts.length < records.length), 2)
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(parts.length, 6)
  head.fill(0, 8, headerLength)
  return Buffer.concat([head, ...parts])
}

/** Whether `answer` is one to the question of `asked`: same id, same question. */
export const isAnswerTo = (asked: Buffer, answer: Buffer, { end }: Query): boolean =>
  answer.length >= end &&
  answer.readUInt16BE(0) === asked.readUInt16BE(0) &&
  (answer.readUInt16BE(2) & 0x8000) !== 0 &&
  answer.readUInt16BE(4) === 1 &&
  answer.toString('latin1', headerLength, end).toLowerCase() ===
    asked.toString('latin1', headerLength, end).toLowerCase()

export const rcodeOf = (answer: Buffer): number => answer.readUInt16BE(2) & 0x000f
