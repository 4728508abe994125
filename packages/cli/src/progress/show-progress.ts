import { type ProgressMessage, progressBar, SlipwayError } from '@slipway/client'
import type { ConsoleOutput } from '../terminal/console.ts'

const eraseLine = '\u001b[2K\r'
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '')
const down = (lines: number): string => (lines > 0 ? `\u001b[${lines}B` : '')

const withId = ({ id = '' }: ProgressMessage, text: string): string => (id === '' ? text : `${id}: ${text}`)

/** Where nobody can see a line change: bars are left out, everything else is a line. */
const showPlain = (message: ProgressMessage): string => {
  if (message.stream !== undefined) return message.stream
  if (progressBar(message.progressDetail ?? {}, 0) !== '') return ''
  return `${withId(message, message.status ?? '')}\n`
}

/** One line of the terminal for each id, changed in place. */
class LineDisplay {
  readonly #lines = new Map<string, number>()

  show(message: ProgressMessage, width: number): string {
    const { id = '', status = '', stream, progressDetail } = message
    if (id === '' || progressDetail === undefined) {
      // Something else goes below, and the lines above can't be counted on any more.
      this.#lines.clear()
      return stream ?? `${withId(message, status)}\n`
    }
    const isNew = !this.#lines.has(id)
    const line = this.#lines.get(id) ?? this.#lines.size
    this.#lines.set(id, line)
    const distance = this.#lines.size - line
    const bar = progressBar(progressDetail, width)
    return `${isNew ? '\n' : ''}${up(distance)}${eraseLine}${id}: ${status} ${bar}\r${down(distance)}`
  }
}

/** Messages without a stream, a status or an id are for programs. */
const isForPeople = ({ stream, status, id }: ProgressMessage): boolean =>
  stream !== undefined || status !== undefined || id !== undefined

const defaultWidth = 200

/** What failed after the answer had begun comes as a message. A build's carries the exit code of its step. */
const throwFailure = ({ errorDetail, error }: ProgressMessage): void => {
  const failure = errorDetail?.message ?? error
  if (failure === undefined) return
  throw new SlipwayError('internal', failure, { detail: { exitCode: errorDetail?.code } })
}

/**
 * Shows a JSON stream as docker does. An error in it is thrown after what came before it was shown. `onAux` gets what
 * is meant for programs.
 */
export const showProgress = async (
  messages: AsyncIterable<ProgressMessage>,
  output: ConsoleOutput,
  onAux: (aux: unknown) => void = () => undefined,
): Promise<void> => {
  const display = new LineDisplay()
  for await (const message of messages) {
    throwFailure(message)
    if (message.aux !== undefined) onAux(message.aux)
    if (!isForPeople(message)) continue
    const text = output.isTTY === true ? display.show(message, output.columns ?? defaultWidth) : showPlain(message)
    output.write(text)
  }
}

/** For `--quiet`: nothing is shown, an error is thrown all the same. */
export const drainProgress = async (
  messages: AsyncIterable<ProgressMessage>,
  onMessage: (message: ProgressMessage) => void = () => undefined,
): Promise<void> => {
  for await (const message of messages) {
    throwFailure(message)
    onMessage(message)
  }
}
