import type { Readable } from 'node:stream'
import { invalid } from '@slipway/core'

const limit = 4096

/** A password from standard input, without the newline that `echo` adds. */
export const readPassword = async (input: Readable): Promise<string> => {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of input as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > limit) throw invalid('the password on standard input is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
}
