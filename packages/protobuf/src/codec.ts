import protobuf from 'protobufjs/minimal.js'

/**
 * Protobuf messages as tables: `message({ id: text(1), pid: uint32(2) })` is a codec, and `MessageOf<typeof it>` its type.
 * Absent fields read as proto3's zero values; fields that aren't in the table are skipped, so that a newer peer may say more.
 * What is written may leave fields out, at every depth.
 */
interface Field<Read, Written = Read> {
  readonly number: number
  readonly zero: Read
  write(writer: protobuf.Writer, value: Written): void
  read(reader: protobuf.Reader, so: Read): Read
}

export interface Codec<Read, Written = Partial<Read>> {
  encode(value: Written): Uint8Array
  decode(bytes: Uint8Array): Read
}

/** A message's, which may lie in another one. */
export interface MessageCodec<Read, Written = Partial<Read>> extends Codec<Read, Written> {
  /** Reads up to `end`, where the other one goes on. */
  decodeFrom(reader: protobuf.Reader, end: number): Read
}

export type MessageOf<C> = C extends Codec<infer Read, never> ? Read : never

const wire = { varint: 0, bytes: 2 } as const
const tag = (number: number, type: number): number => (number << 3) | type

export const text = (number: number): Field<string> => ({
  number,
  zero: '',
  write: (writer, value) => value !== '' && writer.uint32(tag(number, wire.bytes)).string(value),
  read: (reader) => reader.string(),
})

export const uint32 = (number: number): Field<number> => ({
  number,
  zero: 0,
  write: (writer, value) => value !== 0 && writer.uint32(tag(number, wire.varint)).uint32(value),
  read: (reader) => reader.uint32(),
})

const longestVarint = 10

/** The nearest number. protobufjs makes an object of each, and a text of that: a list of 30,000 files has 60,000 of them. */
const readInt64 = (reader: protobuf.Reader): number => {
  let [low, high] = [0, 0]
  for (let index = 0; index < longestVarint; index += 1) {
    if (reader.pos >= reader.len) break
    const byte = reader.buf[reader.pos++] as number
    const bits = byte & 0x7f
    const shift = index * 7
    if (shift < 32) low |= bits << shift
    if (shift >= 32) high |= bits << (shift - 32)
    else if (shift > 25) high |= bits >> (32 - shift)
    if (byte < 0x80) return (high | 0) * 2 ** 32 + (low >>> 0)
  }
  throw new RangeError('invalid varint encoding')
}

/** Exact within ±2^53: times in seconds, nanosecond timeouts. */
export const int64 = (number: number): Field<number> => ({
  number,
  zero: 0,
  write: (writer, value) => value !== 0 && writer.uint32(tag(number, wire.varint)).int64(value),
  read: readInt64,
})

export const flag = (number: number): Field<boolean> => ({
  number,
  zero: false,
  write: (writer, value) => value && writer.uint32(tag(number, wire.varint)).bool(value),
  read: (reader) => reader.bool(),
})

export const bytes = (number: number): Field<Uint8Array> => ({
  number,
  zero: new Uint8Array(),
  write: (writer, value) => value.length > 0 && writer.uint32(tag(number, wire.bytes)).bytes(value),
  read: (reader) => reader.bytes(),
})

export const nested = <Read, Written>(
  number: number,
  codec: MessageCodec<Read, Written>,
): Field<Read | undefined, Written | undefined> => ({
  number,
  zero: undefined,
  write: (writer, value) => value !== undefined && writer.uint32(tag(number, wire.bytes)).bytes(codec.encode(value)),
  read: (reader) => readNested(reader, codec),
})

/** In place: to cut it out costs as much as to read it. */
const readNested = <Read>(reader: protobuf.Reader, codec: MessageCodec<Read, never>): Read => {
  const length = reader.uint32()
  if (length > reader.len - reader.pos) throw new RangeError('index out of range')
  return codec.decodeFrom(reader, reader.pos + length)
}

/** A list of anything that is written as bytes. The first entry makes a list of its own, the others are added to it. */
const list = <Read, Written>(
  number: number,
  write: (writer: protobuf.Writer, value: Written) => void,
  read: (reader: protobuf.Reader) => Read,
): Field<readonly Read[], readonly Written[]> => ({
  number,
  zero: [],
  write: (writer, values) => {
    for (const value of values) write(writer.uint32(tag(number, wire.bytes)), value)
  },
  read: (reader, so) => {
    const value = read(reader)
    if (so.length === 0) return [value]
    ;(so as Read[]).push(value)
    return so
  },
})

export const repeated = <Read, Written>(number: number, codec: MessageCodec<Read, Written>) =>
  list<Read, Written>(
    number,
    (writer, value) => writer.bytes(codec.encode(value)),
    (reader) => readNested(reader, codec),
  )

export const textList = (number: number) =>
  list<string, string>(
    number,
    (writer, value) => writer.string(value),
    (reader) => reader.string(),
  )

export const bytesList = (number: number) =>
  list<Uint8Array, Uint8Array>(
    number,
    (writer, value) => writer.bytes(value),
    (reader) => reader.bytes(),
  )

/** `map<string, V>`: `map(3, text)` or `map(2, (at) => nested(at, codec))`. */
export const map = <Read, Written>(
  number: number,
  value: (number: number) => Field<Read, Written>,
): Field<ReadonlyMap<string, Read>, ReadonlyMap<string, Written>> => {
  const entry = message({ key: text(1), value: value(2) })
  return {
    number,
    zero: new Map(),
    write: (writer, entries) => {
      for (const [key, item] of entries) {
        writer.uint32(tag(number, wire.bytes)).bytes(entry.encode({ key, value: item }))
      }
    },
    read: (reader, so) => {
      const { key, value: item } = readNested(reader, entry)
      return so.size === 0 ? new Map([[key, item]]) : (so as Map<string, Read>).set(key, item)
    },
  }
}

type Fields = Readonly<Record<string, Field<unknown, unknown>>>
type ReadOf<F extends Fields> = { [Name in keyof F]: F[Name]['zero'] }
type WrittenOf<F extends Fields> = { readonly [Name in keyof F]?: Parameters<F[Name]['write']>[1] | undefined }

export const message = <F extends Fields>(fields: F): MessageCodec<ReadOf<F>, WrittenOf<F>> => {
  const names = Object.keys(fields) as (keyof F & string)[]
  const byNumber: (readonly [name: keyof F & string, field: Fields[string]] | undefined)[] = []
  for (const name of names) {
    const field = fields[name]
    if (field !== undefined) byNumber[field.number] = [name, field]
  }
  const zeros = Object.fromEntries(names.map((name) => [name, fields[name]?.zero])) as ReadOf<F>
  const decodeFrom = (reader: protobuf.Reader, end: number): ReadOf<F> => {
    const found = { ...zeros }
    while (reader.pos < end) {
      const key = reader.uint32()
      const known = byNumber[key >>> 3]
      if (known === undefined) reader.skipType(key & 7)
      else found[known[0]] = known[1].read(reader, found[known[0]])
    }
    if (reader.pos > end) throw new RangeError('index out of range')
    return found
  }
  return {
    encode(value) {
      const writer = protobuf.Writer.create()
      for (const name of names) {
        const given: unknown = value[name]
        if (given !== undefined) fields[name]?.write(writer, given)
      }
      return writer.finish()
    },
    decode: (input) => decodeFrom(protobuf.Reader.create(input), input.length),
    decodeFrom,
  }
}
