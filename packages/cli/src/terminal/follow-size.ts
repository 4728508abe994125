import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsoleOutput } from './console.ts'

export interface TerminalSize {
  readonly height: number
  readonly width: number
}

/** undefined when it is no terminal. */
export const sizeOf = ({ isTTY = false, rows, columns }: ConsoleOutput): TerminalSize | undefined =>
  isTTY && rows !== undefined && columns !== undefined ? { height: rows, width: columns } : undefined

/** The process may not be there yet when its size is first told. */
const attempts = 10
const pause = 10

const tellOnce = async (tell: (size: TerminalSize) => Promise<void>, size: TerminalSize): Promise<void> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    try {
      return await tell(size)
    } catch {
      await sleep(pause * (attempt + 1), undefined, { ref: false })
    }
  }
}

/** Tells the terminal's size now and whenever it changes, until disposed of. A size that isn't taken is no error. */
export const followSize = (output: ConsoleOutput, tell: (size: TerminalSize) => Promise<void>): Disposable => {
  const onResize = (): void => {
    const size = sizeOf(output)
    if (size !== undefined) tell(size).catch(() => undefined)
  }
  const size = sizeOf(output)
  if (size !== undefined) void tellOnce(tell, size)
  output.on('resize', onResize)
  return { [Symbol.dispose]: () => void output.off('resize', onResize) }
}
