const firstBytes = 1 << 12

/**
 * Entries as a client wrote them: whether one is the same as last time is known without reading it. All in one piece, for there
 * may be tens of thousands.
 */
export class WrittenEntries {
  #bytes = Buffer.alloc(0)
  #length = 0
  /** Where each ends. */
  readonly #ends: number[] = []

  add(bytes: Uint8Array): void {
    this.#append(bytes)
    this.#ends.push(this.#length)
  }

  /** Entry `number`, counted from 0, was written as what lies in `bytes` from `start` to `end`. */
  isAt(number: number, bytes: Uint8Array, start: number, end: number): boolean {
    const ownEnd = this.#ends[number]
    const ownStart = number === 0 ? 0 : this.#ends[number - 1]
    if (ownEnd === undefined || ownStart === undefined || ownEnd - ownStart !== end - start) return false
    return this.#bytes.compare(bytes, start, end, ownStart, ownEnd) === 0
  }

  /** Gives the first `count` of them, which are there, to another one, which is empty. */
  copyTo(other: WrittenEntries, count: number): void {
    other.#append(this.#bytes.subarray(0, this.#ends[count - 1]))
    for (let number = 0; number < count; number += 1) other.#ends.push(this.#ends[number] as number)
  }

  #append(bytes: Uint8Array): void {
    const end = this.#length + bytes.length
    if (end > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstBytes, end, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = end
  }
}
