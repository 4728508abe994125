import type { FileHandle } from 'node:fs/promises'
import type { LogEntry } from './entry.ts'
import type { LogFormat } from './format.ts'

const newline = 0x0a
const chunkSize = 64 * 1024

const parse = (line: string): LogEntry | undefined => {
  try {
    return JSON.parse(line) as LogEntry
  } catch {
    return undefined // The last line of a file that a full disk cut short.
  }
}

const tail = async (file: FileHandle, lines: number): Promise<{ offset: number; found: number }> => {
  const buffer = Buffer.alloc(chunkSize)
  const { size } = await file.stat()
  let found = 0
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - chunkSize)
    const { bytesRead } = await file.read(buffer, 0, end - start, start)
    for (let index = bytesRead - 1; index >= 0; index -= 1) {
      const position = start + index
      if (buffer[index] !== newline || position === size - 1) continue
      found += 1
      if (found === lines) return { offset: position + 1, found }
    }
    end = start
  }
  return { offset: 0, found: size > 0 ? found + 1 : 0 }
}

/** docker's json-file: an object a line, with `attrs` in each where there are any. */
export const jsonLines = (attributes: Readonly<Record<string, string>> = {}): LogFormat => {
  const attrs = Object.keys(attributes).length > 0 ? `"attrs":${JSON.stringify(attributes)},` : ''
  return {
    encode: (entries) => {
      let text = ''
      for (const { log, stream, time } of entries) {
        text += `{"log":${JSON.stringify(log)},"stream":"${stream}",${attrs}"time":"${time}"}\n`
      }
      return Buffer.from(text)
    },
    decode: (data, start) => {
      const end = data.indexOf(newline, start)
      return end === -1 ? undefined : { entry: parse(data.toString('utf8', start, end)), end: end + 1 }
    },
    tail,
  }
}
