import type { Readable, Writable } from 'node:stream'

export interface ConsoleInput extends Readable {
  readonly isTTY?: boolean
  readonly fd?: number
  setRawMode?(mode: boolean): unknown
}

export interface ConsoleOutput extends Writable {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

/** The three streams of the program. Injected, so that a test can have its own. */
export interface Console {
  readonly stdin: ConsoleInput
  readonly stdout: ConsoleOutput
  readonly stderr: ConsoleOutput
}

export const printLine = ({ stdout }: Console, line: string): void => {
  stdout.write(`${line}\n`)
}

export const warnLine = ({ stderr }: Console, line: string): void => {
  stderr.write(`${line}\n`)
}
