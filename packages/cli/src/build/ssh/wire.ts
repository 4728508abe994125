/** SSH's own way to write things one after the other: numbers of four bytes, and strings with their length before them. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes)
  }

  number(): number {
    this.#need(4)
    const value = this.#bytes.readUInt32BE(this.#at)
    this.#at += 4
    return value
  }

  string(): Buffer {
    const length = this.number()
    return this.bytes(length)
  }

  text(): string {
    return this.string().toString('latin1')
  }

  bytes(length: number): Buffer {
    this.#need(length)
    const value = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return value
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at)
  }

  #need(length: number): void {
    if (this.#at + length > this.#bytes.length) throw new Error('ssh: short read')
  }
}

export const wireNumber = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

export const wireString = (value: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(value as Uint8Array)
  return Buffer.concat([wireNumber(bytes.length), bytes])
}

/** A number of any length, without zeros before it, and with one where it would be negative otherwise. */
export const wireInteger = (value: Uint8Array): Buffer => {
  let bytes = Buffer.from(value)
  while (bytes.length > 0 && bytes[0] === 0) bytes = bytes.subarray(1)
  return wireString((bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}
