import type { Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** Hands over each line that comes, as JSON. A line that is none ends the connection. */
export const readLines = (socket: Socket, take: (value: unknown) => void): void => {
  const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
  // The socket's own, which its owner hears of.
  lines.on('error', () => {})
  lines.on('line', (line) => {
    let value: unknown
    try {
      value = JSON.parse(line)
    } catch {
      socket.destroy()
      return
    }
    take(value)
  })
}

export const writeLine = (socket: Socket, value: unknown): void => {
  if (socket.writable) socket.write(`${JSON.stringify(value)}\n`)
}
