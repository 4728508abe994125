import protobuf from 'protobufjs/minimal.js'

/**
 * Protobuf messages as tables: `message({ id: text(1), pid: uint32(2) })` is a codec, and `MessageOf<typeof it>` its type.
 * Absent fields read as proto3's zero values; fields that aren't in the table are skipped, so that a newer shim may say more.
 */
interface Field<T> {
  readonly number: number
  readonly zero: T
  write(writer: protobuf.Writer, value: T): void
  read(reader: protobuf.Reader, so: T): T
}

export interface Codec<T> {
  encode(value: Partial<T>): Uint8Array
  decode(bytes: Uint8Array): T
}

export type MessageOf<C> = C extends Codec<infer T> ? T : never

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

/** Within ±2^53: times in seconds, nanosecond timeouts. */
export const int64 = (number: number): Field<number> => ({
  number,
  zero: 0,
  write: (writer, value) => value !== 0 && writer.uint32(tag(number, wire.varint)).int64(value),
  read: (reader) => Number(reader.int64()),
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

export const nested = <T>(number: number, codec: Codec<T>): Field<T | undefined> => ({
  number,
  zero: undefined,
  write: (writer, value) => value !== undefined && writer.uint32(tag(number, wire.bytes)).bytes(codec.encode(value)),
  read: (reader) => codec.decode(reader.bytes()),
})

export const repeated = <T>(number: number, codec: Codec<T>): Field<readonly T[]> => ({
  number,
  zero: [],
  write: (writer, values) => {
    for (const value of values) writer.uint32(tag(number, wire.bytes)).bytes(codec.encode(value))
  },
  read: (reader, so) => [...so, codec.decode(reader.bytes())],
})

export const message = <T extends object>(fields: { readonly [Name in keyof T]: Field<T[Name]> }): Codec<T> => {
  const names = Object.keys(fields) as (keyof T)[]
  const byNumber = new Map(names.map((name) => [fields[name].number, name]))
  const zeros = Object.fromEntries(names.map((name) => [name, fields[name].zero])) as T
  return {
    encode(value) {
      const writer = protobuf.Writer.create()
      for (const name of names) {
        const given = value[name]
        if (given !== undefined) fields[name].write(writer, given)
      }
      return writer.finish()
    },
    decode(input) {
      const reader = protobuf.Reader.create(input)
      const found = { ...zeros }
      while (reader.pos < reader.len) {
        const key = reader.uint32()
        const name = byNumber.get(key >>> 3)
        if (name === undefined) reader.skipType(key & 7)
        else found[name] = fields[name].read(reader, found[name])
      }
      return found
    },
  }
}
