import { humanSize } from '../format/human.ts'
import type { ConsoleOutput } from '../terminal/console.ts'

const label = 'Sending build context to the engine'
const numberLength = 8
/** Milliseconds between two looks of a changing line. */
const pause = 100

/** Counts what is sent: in place on a terminal, and as a line when all of it is gone. */
export async function* showUpload(source: AsyncIterable<Uint8Array>, output: ConsoleOutput): AsyncIterable<Uint8Array> {
  let sent = 0
  let shownAt = 0
  const line = (): string => `${label}  ${humanSize(sent).padStart(numberLength)}`
  for await (const chunk of source) {
    sent += chunk.length
    if (output.isTTY === true && Date.now() - shownAt >= pause) {
      shownAt = Date.now()
      output.write(`\r${line()}`)
    }
    yield chunk
  }
  output.write(`${output.isTTY === true ? '\r' : ''}${line()}\n`)
}
