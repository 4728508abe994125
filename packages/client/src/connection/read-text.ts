import type { IncomingMessage } from 'node:http'

/** Enough for any error message; the rest of a hostile one is not read. */
export const maximumErrorBody = 64 * 1024

/** The body, and no more of it than `limit` bytes and a piece. */
export const readText = async (response: IncomingMessage, limit: number): Promise<string> => {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size > limit) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
