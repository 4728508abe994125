/** What of a step's output is kept to be shown again when it fails. Bytes. */
const mostKept = 2 << 20

/** A line of output: when it began, in seconds of its step, and its bytes. */
export interface LogLine {
  readonly at: number
  readonly text: Buffer
}

const newline = 0x0a

/** The output of a step, cut into lines as it comes. */
export class LogLines {
  readonly lines: LogLine[] = []
  #bytes = 0
  /** The last line may go on. */
  isOpen = false
  /** How many lines came before those that are kept. */
  dropped = 0

  add(data: Uint8Array, at: number): void {
    let rest = Buffer.from(data)
    while (rest.length > 0) {
      const end = rest.indexOf(newline)
      const text = end === -1 ? rest : rest.subarray(0, end)
      const last = this.isOpen ? this.lines.pop() : undefined
      this.lines.push(last === undefined ? { at, text } : { at: last.at, text: Buffer.concat([last.text, text]) })
      this.isOpen = end === -1
      rest = end === -1 ? Buffer.alloc(0) : rest.subarray(end + 1)
    }
    this.#bytes += data.length
    this.#drop()
  }

  #drop(): void {
    while (this.#bytes > mostKept && this.lines.length > 1) {
      const [first] = this.lines.splice(0, 1)
      this.#bytes -= (first?.text.length ?? 0) + 1
      this.dropped += 1
    }
  }
}

/** Seconds, more exactly where they are few. */
export const showSeconds = (seconds: number): string => {
  if (seconds < 10) return seconds.toFixed(3)
  return seconds.toFixed(seconds < 100 ? 2 : 1)
}
