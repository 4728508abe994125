import { type ByteRange, hasCode, invalid, SlipwayError } from '@slipway/core'
import type { S3Client, S3Response } from './client.ts'

/** So often a read goes on after its connection broke. */
const resumptions = 3

const rangeHeader = (start: number, end: number | undefined): string => `bytes=${start}-${end ?? ''}`

const begin = async (client: S3Client, key: string, range: ByteRange | undefined): Promise<S3Response | undefined> => {
  const headers = range === undefined ? {} : { Range: rangeHeader(range.start, range.end) }
  try {
    return await client.send({ method: 'GET', key, headers })
  } catch (error) {
    // S3 refuses the range that begins just behind the last byte, which is nothing here.
    if (!hasCode(error, 'invalid') || range === undefined) throw error
    const { headers: found } = await client.sendForText({ method: 'HEAD', key })
    if (Number(found['content-length']) === range.start) return undefined
    throw invalid(`range ${range.start}-${range.end ?? ''} is outside of ${found['content-length']} bytes`, error)
  }
}

async function* follow(
  client: S3Client,
  key: string,
  range: ByteRange,
  first: S3Response,
): AsyncGenerator<Uint8Array, void, void> {
  const length = Number(first.headers['content-length'])
  let [response, done] = [first, 0]
  for (let broken = 0; ; broken += 1) {
    try {
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        done += chunk.length
        yield chunk
      }
      if (done >= length) return
      throw new SlipwayError('unavailable', 'the storage broke off')
    } catch (error) {
      if (broken === resumptions) throw error
    }
    const headers = { Range: rangeHeader(range.start + done, range.start + length - 1) }
    response = await client.send({ method: 'GET', key, headers })
  }
}

/**
 * The bytes of an object, or of a range of it. The first of them are on their way when this returns; a connection that breaks
 * afterwards is made again. Throws not-found, invalid.
 */
export const readObject = async (
  client: S3Client,
  key: string,
  range?: ByteRange,
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> => {
  const first = await begin(client, key, range)
  return first === undefined ? [] : follow(client, key, range ?? { start: 0 }, first)
}
