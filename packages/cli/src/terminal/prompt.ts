import { Exit } from '../exit.ts'
import type { Console } from './console.ts'

const controlC = 0x03
const controlD = 0x04
/** 128 + SIGINT */
const interrupted = 130
const newlines = new Set([0x0a, 0x0d])
const erasers = new Set([0x08, 0x7f])

/** Reads one line from stdin; what comes behind it is put back. */
const readLine = ({ stdin }: Console): Promise<string> =>
  new Promise((resolve, reject) => {
    const typed: number[] = []
    const finish = (): void => {
      stdin.off('data', onData).off('end', onEnd).pause()
    }
    const onEnd = (): void => {
      finish()
      resolve(Buffer.from(typed).toString('utf8'))
    }
    const onData = (bytes: Buffer): void => {
      for (const [position, byte] of bytes.entries()) {
        if (newlines.has(byte) || byte === controlC || byte === controlD) {
          finish()
          if (position + 1 < bytes.length) stdin.unshift(bytes.subarray(position + 1))
          if (byte === controlC) reject(new Exit(interrupted))
          else resolve(Buffer.from(typed).toString('utf8'))
          return
        }
        if (erasers.has(byte)) typed.pop()
        else typed.push(byte)
      }
    }
    stdin.on('data', onData).once('end', onEnd).resume()
  })

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

/** Asks for a yes; anything else is a no. */
export const confirm = async (console: Console, warning: string): Promise<boolean> => {
  const answer = await prompt(console, `${warning}\nAre you sure you want to continue? [y/N] `)
  return answer.toLowerCase() === 'y'
}
