/** Entries as a client wrote them: whether one is the same as last time is known without reading it. */
export interface Written {
  /** Entry `number`, counted from 0, was written in these bytes. */
  isAt(number: number, bytes: Uint8Array): boolean
}

const firstBytes = 1 << 12

/** Gathers them: all in one piece, for there may be tens of thousands. */
export class WrittenEntries implements Written {
  #bytes = Buffer.alloc(0)
  #length = 0
  /** Where each ends. */
  readonly #ends: number[] = []

  add(bytes: Uint8Array): void {
    const end = this.#length + bytes.length
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstBytes, end, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = end
    this.#ends.push(end)
  }

  isAt(number: number, bytes: Uint8Array): boolean {
    const end = this.#ends[number]
    const start = number === 0 ? 0 : this.#ends[number - 1]
    if (end === undefined || start === undefined || end - start !== bytes.length) return false
    return this.#bytes.compare(bytes, 0, bytes.length, start, end) === 0
  }
}
