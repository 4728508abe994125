/** One line of a container's log. */
export interface LogLine {
  /** Counts up, from the first line that was read. */
  readonly number: number
  readonly stream: 'stdout' | 'stderr'
  /** RFC 3339 with nanoseconds, as the engine wrote it. */
  readonly time: string
  readonly text: string
}

export interface LogPart {
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Uint8Array
}

const headerLength = 8

/** Frames of the multiplexed stream: 8 bytes (stream, three zeros, length as big-endian u32), then the bytes. */
export async function* readFrames(source: AsyncIterable<Uint8Array>): AsyncIterable<LogPart> {
  let rest: Uint8Array = new Uint8Array(0)
  for await (const chunk of source) {
    const bytes = new Uint8Array(rest.length + chunk.length)
    bytes.set(rest)
    bytes.set(chunk, rest.length)
    let at = 0
    while (bytes.length - at >= headerLength) {
      const length = new DataView(bytes.buffer).getUint32(at + 4)
      if (bytes.length - at < headerLength + length) break
      const start = at + headerLength
      yield { stream: bytes[at] === 2 ? 'stderr' : 'stdout', bytes: bytes.subarray(start, start + length) }
      at = start + length
    }
    rest = bytes.subarray(at)
  }
}

/** A terminal's log has no frames: its bytes are all of standard output. */
export async function* plainParts(source: AsyncIterable<Uint8Array>): AsyncIterable<LogPart> {
  for await (const bytes of source) yield { stream: 'stdout', bytes }
}

/** Longer lines are cut into several: one endless line must not stop the page. */
const longestLine = 16_384

/** Puts parts together to lines, each with the time that the engine writes before it (`timestamps=1`). */
export class LineReader {
  readonly #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
  readonly #rests = { stdout: '', stderr: '' }
  #number = 0

  /** The lines that `part` has completed. */
  read({ stream, bytes }: LogPart): readonly LogLine[] {
    const lines = (this.#rests[stream] + this.#decoders[stream].decode(bytes, { stream: true })).split('\n')
    let rest = lines.pop() ?? ''
    while (rest.length > longestLine) {
      lines.push(rest.slice(0, longestLine))
      rest = rest.slice(longestLine)
    }
    this.#rests[stream] = rest
    return lines.map((line) => this.#lineOf(stream, line))
  }

  #lineOf(stream: LogLine['stream'], line: string): LogLine {
    const space = line.indexOf(' ')
    const time = space === -1 ? line : line.slice(0, space)
    const number = this.#number
    this.#number += 1
    if (!/^\d{4}-\d\d-\d\dT/.test(time)) return { number, stream, time: '', text: line.replace(/\r$/, '') }
    return { number, stream, time, text: space === -1 ? '' : line.slice(space + 1).replace(/\r$/, '') }
  }
}

/** Up to where a log was read. Lines that the engine has read together have one time, so they are counted. */
export class LogPlace {
  #time = ''
  /** Lines of that time. */
  #count = 0
  /** What comes of them again, once it is asked for from that time on; undefined: nothing comes again. */
  #again: number | undefined

  /** The log is read anew, from this time on; undefined: from its beginning. */
  resume(): string | undefined {
    if (this.#time === '') return undefined
    this.#again = this.#count
    return this.#time
  }

  /** Whether a line was not read before; each is to be asked about once, in order. */
  isNew({ time }: LogLine): boolean {
    if (time === '') return true
    if (this.#again !== undefined) {
      if (time < this.#time) return false
      if (time === this.#time && this.#again > 0) {
        this.#again -= 1
        return false
      }
      this.#again = undefined
    }
    this.#count = time === this.#time ? this.#count + 1 : 1
    this.#time = time
    return true
  }
}
