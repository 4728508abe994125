import { Exit } from '../exit.ts'
import type { Console } from './console.ts'

const controlC = 0x03
const controlD = 0x04
const newlines = new Set([0x0a, 0x0d])
const erasers = new Set([0x08, 0x7f])

/** Reads one line from stdin byte by byte, so that nothing behind it is taken. */
const readLine = async ({ stdin }: Console): Promise<string> => {
  const typed: number[] = []
  return await new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      stdin.off('data', onData).off('end', onEnd).pause()
      settle()
    }
    const onEnd = (): void => finish(() => resolve(Buffer.from(typed).toString('utf8')))
    const onData = (bytes: Buffer): void => {
      for (const byte of bytes) {
        if (byte === controlC) return finish(() => reject(new Exit(130)))
        if (newlines.has(byte) || byte === controlD) return onEnd()
        if (erasers.has(byte)) typed.pop()
        else typed.push(byte)
      }
    }
    stdin.on('data', onData).once('end', onEnd).resume()
  })
}

/** Asks; with `hidden`, what is typed isn't shown. */
export const prompt = async (
  console: Console,
  question: string,
  { hidden = false }: { readonly hidden?: boolean } = {},
): Promise<string> => {
  console.stdout.write(question)
  if (!hidden) return (await readLine(console)).trim()
  console.stdin.setRawMode?.(true)
  try {
    return await readLine(console)
  } finally {
    console.stdin.setRawMode?.(false)
    console.stdout.write('\n')
  }
}
